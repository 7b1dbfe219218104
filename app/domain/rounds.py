"""Rounds, the models they make, and the benchmark that no training sees."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, Json, words
from app.domain.jobs import Job
from app.domain.specimens import Split


class Round(Base, kw_only=True):
    """One turn of the loop. What it trains on is frozen in `RoundLabel` when it starts."""

    __tablename__ = "round"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    number: Mapped[int] = mapped_column(unique=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), unique=True)
    preset: Mapped[str] = mapped_column(String(40))
    config: Mapped[Json]
    """`dataclasses.asdict` of the whole `ml.config.TrainingConfig`."""
    hard_tags: Mapped[list[str]] = mapped_column(default_factory=list)
    """Specimens with one of these tags were the hard group."""
    start_model_id: Mapped[int | None] = mapped_column(
        ForeignKey("trained_model.id", use_alter=True), default=None
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]

    job: Mapped[Job] = relationship(init=False)


class RoundLabel(Base, kw_only=True):
    """A label version in the frozen training set of a round."""

    __tablename__ = "round_label"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("label_version.id"), primary_key=True, index=True
    )
    split: Mapped[Split] = mapped_column(words(Split))
    hard: Mapped[bool] = mapped_column(default=False)
    stratum: Mapped[int | None] = mapped_column(default=None)


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
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class BenchmarkMember(Base, kw_only=True):
    """A hard specimen that measures every model and never trains one."""

    __tablename__ = "benchmark_member"

    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"), primary_key=True)
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
