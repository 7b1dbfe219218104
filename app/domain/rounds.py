"""Rounds, what they learned from, the models they make, and how good these are."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, Json, words
from app.domain.jobs import Job
from app.domain.specimens import Split


class Round(Base, kw_only=True):
    """One turn of the loop. What it trains on is frozen in `RoundLabel` when it starts."""

    __tablename__ = "round"
    __table_args__ = (Index("ix_round_request", "request_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    number: Mapped[int] = mapped_column(unique=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), unique=True)
    preset: Mapped[str] = mapped_column(String(40))
    configs: Mapped[Json]
    """By variant, that is by how pictures are drawn, `asdict` of a whole `TrainingConfig`."""
    hard_tags: Mapped[list[str]] = mapped_column(default_factory=list)
    """Specimens with one of these tags were the hard group."""
    start_model_id: Mapped[int | None] = mapped_column(
        ForeignKey("trained_model.id", use_alter=True), default=None
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    request_id: Mapped[str | None] = mapped_column(String(64), default=None)
    """Made by whoever asked for the round: the same one twice is one round."""
    again_of_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), default=None)
    """The round whose training set and configuration it repeats."""
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("round_schedule.id"), default=None)
    """Why it started by itself, if it did."""
    created_at: Mapped[datetime]

    job: Mapped[Job] = relationship(init=False)


class RoundLabel(Base, kw_only=True):
    """A label version in the frozen training set of a round.

    It names its specimen as one that is not of the benchmark, so that the database lets no member
    into a round, and no specimen of a round into the benchmark.
    """

    __tablename__ = "round_label"
    __table_args__ = (
        CheckConstraint("NOT in_benchmark", name="never_of_benchmark"),
        ForeignKeyConstraint(
            ["specimen_id", "in_benchmark"], ["specimen.id", "specimen.in_benchmark"]
        ),
        ForeignKeyConstraint(
            ["version_id", "specimen_id"], ["label_version.id", "label_version.specimen_id"]
        ),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("label_version.id"), primary_key=True, index=True
    )
    specimen_id: Mapped[int] = mapped_column(index=True)
    in_benchmark: Mapped[bool] = mapped_column(default=False, server_default=false(), init=False)
    split: Mapped[Split] = mapped_column(words(Split))
    hard: Mapped[bool] = mapped_column(default=False)
    stratum: Mapped[int | None] = mapped_column(default=None)
    padding: Mapped[str] = mapped_column(String(20), default="white")
    """What fills the bands of its square, as its source had it then."""


class TrainedModel(Base, kw_only=True):
    """Weights, configuration, metrics, and through the round the label versions they came from."""

    __tablename__ = "trained_model"
    __table_args__ = (UniqueConstraint("round_id", "variant"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    variant: Mapped[str] = mapped_column(String(60))
    weights_digest: Mapped[str] = mapped_column(String(64))
    card_digest: Mapped[str] = mapped_column(String(64))
    metrics: Mapped[Json]
    created_at: Mapped[datetime]

    round: Mapped[Round] = relationship(init=False, foreign_keys=[round_id])


class Epoch(Base, kw_only=True):
    """One point of the curves."""

    __tablename__ = "epoch"
    __table_args__ = (Index("ix_epoch_round", "round_id", "variant", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    variant: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    train_loss: Mapped[float]
    validation_loss: Mapped[float]
    validation_dice: Mapped[float]
    learning_rate: Mapped[float]
    seconds: Mapped[float]
    pictures: Mapped[int] = mapped_column(default=0)
    """That were learned from, each as often as it was drawn; 0 where that was not noted."""
    device: Mapped[str] = mapped_column(String(100), default="")
    """What it was trained on."""


class ContactSheet(Base, kw_only=True):
    """A picture of what training saw, what it should find and what it found, every few epochs."""

    __tablename__ = "contact_sheet"
    __table_args__ = (UniqueConstraint("round_id", "variant", "epoch"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    variant: Mapped[str] = mapped_column(String(60))
    epoch: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


class Checkpoint(Base, kw_only=True):
    """Where a training that was killed goes on; only the last one is kept."""

    __tablename__ = "checkpoint"
    __table_args__ = (UniqueConstraint("round_id", "variant"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    variant: Mapped[str] = mapped_column(String(60))
    epoch: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


class Promotion(Base, kw_only=True):
    """A model was chosen to serve. The newest promotion counts; none is ever removed."""

    __tablename__ = "promotion"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    model_id: Mapped[int] = mapped_column(ForeignKey("trained_model.id"))
    before_id: Mapped[int | None] = mapped_column(ForeignKey("trained_model.id"), default=None)
    """The model that served until then."""
    automatic: Mapped[bool] = mapped_column(default=False)
    """An automatic round did it, as the person had asked for."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class Measurement(Base, kw_only=True):
    """How well a model's mask agrees with a label version; see `ml.metrics`."""

    __tablename__ = "measurement"
    __table_args__ = (UniqueConstraint("model_id", "version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    model_id: Mapped[int] = mapped_column(ForeignKey("trained_model.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("label_version.id"), index=True)
    split: Mapped[Split | None] = mapped_column(words(Split), default=None)
    """What the model's round did with the specimen; nothing if it never saw it."""
    dice: Mapped[float]
    iou: Mapped[float]
    pixel_accuracy: Mapped[float]
    mean_pixel_accuracy: Mapped[float]
    mean_iou: Mapped[float]
    frequency_weighted_iou: Mapped[float]
    boundary_f: Mapped[float]
    hausdorff_95: Mapped[float | None]
    """Pixels of the crop; nothing if the mask is empty."""
    created_at: Mapped[datetime]
