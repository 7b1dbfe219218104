"""What people ask of trainings and of their models; all of it is only ever added."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base, Json, words


class OrderKind(StrEnum):
    PAUSE = "pause"
    ENOUGH = "enough"
    """The training ends after its present epoch, and the best one becomes the model."""


class VerdictKind(StrEnum):
    KEEP = "keep"
    DISCARD = "discard"
    """It is hidden wherever a model is chosen; nothing of it is removed."""


class RoundOrder(Base, kw_only=True):
    """What a person asked of a round while it ran."""

    __tablename__ = "round_order"
    __table_args__ = (Index("ix_round_order_round", "round_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    variant: Mapped[str] = mapped_column(String(60), default="")
    """Empty for all of them."""
    kind: Mapped[OrderKind] = mapped_column(words(OrderKind))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]


class TrainingLine(Base, kw_only=True):
    """Something that a training said; of each variant only the last ones are kept."""

    __tablename__ = "training_line"
    __table_args__ = (Index("ix_training_line_round", "round_id", "variant", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    variant: Mapped[str] = mapped_column(String(60))
    template: Mapped[str] = mapped_column(String(300))
    """A sentence with ``{name}`` places, as errors have them."""
    values: Mapped[Json]
    created_at: Mapped[datetime]


class ModelVerdict(Base, kw_only=True):
    """What a person thinks of a model; the newest counts, and without one it is kept."""

    __tablename__ = "model_verdict"
    __table_args__ = (Index("ix_model_verdict_model", "model_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    model_id: Mapped[int] = mapped_column(ForeignKey("trained_model.id"))
    verdict: Mapped[VerdictKind] = mapped_column(words(VerdictKind))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]


class RoundSchedule(Base, kw_only=True):
    """When rounds start by themselves; the newest counts, and without one they never do."""

    __tablename__ = "round_schedule"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    new_labels: Mapped[int | None] = mapped_column(default=None)
    """After so many; None for never."""
    hour: Mapped[int | None] = mapped_column(default=None)
    """In this hour of the day (UTC), if there is any new label; None for never."""
    preset: Mapped[str] = mapped_column(String(40), default="tiny")
    promotes: Mapped[bool] = mapped_column(default=False)
    """The new model is promoted where it is no worse than the serving one."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]

    @property
    def is_on(self) -> bool:
        return self.new_labels is not None or self.hour is not None


class LooseBlob(Base, kw_only=True):
    """Bytes that perhaps no row names: about to be stored, or about to be removed.

    The note is made before either, so that a worker that is killed in between leaves no bytes that
    nobody knows of.
    """

    __tablename__ = "loose_blob"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]
