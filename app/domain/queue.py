"""What is reviewed next, why, and by whom."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, words
from app.domain.people import Person


class Why(StrEnum):
    """Why a specimen is shown."""

    BENCHMARK = "benchmark"
    """It is of the benchmark and has no label yet."""
    UNCERTAIN = "uncertain"
    SHORTAGE = "shortage"
    """Its stratum has few labels for its size."""
    DISAGREEMENT = "disagreement"
    """The newest model and the best other candidate differ."""
    PROMISING = "promising"
    """As long as the best masks came first; kept, because reviews say it."""
    CHECK = "check"
    """It was drawn at random, so that the outcome estimates what is not reviewed yet."""
    PUT_OFF = "put-off"
    NO_CANDIDATE = "no-candidate"
    LABELLED = "labelled"
    LOT = "lot"


class QueueRule(Base, kw_only=True):
    """How the queue is ordered; the newest counts. See `app.services.queue_score`."""

    __tablename__ = "queue_rule"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    uncertainty: Mapped[float]
    shortage: Mapped[float]
    disagreement: Mapped[float]
    lot: Mapped[float]
    check_share: Mapped[float]
    """0…1, of what is shown."""
    seed: Mapped[int]
    """Of the lots."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(init=False)


class Lease(Base, kw_only=True):
    """A specimen was handed to a person for some minutes. It keeps nobody from anything."""

    __tablename__ = "lease"
    __table_args__ = (Index("ix_lease_until", "until", "person_id"),)

    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    until: Mapped[datetime]
    """Put off with every heart-beat."""
    looking: Mapped[bool] = mapped_column(default=False)
    """It is in view, and not only fetched ahead."""
    why: Mapped[Why | None] = mapped_column(words(Why), default=None)
    """None where it was not the queue that chose it."""

    person: Mapped[Person] = relationship(init=False)


class Assignment(Base, kw_only=True):
    """Specimens that a lead has asked a person to go through. Everybody may, all the same."""

    __tablename__ = "assignment"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column(String(100))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    """Whose it is now; see `Handover`."""
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(init=False)


class AssignedSpecimen(Base, kw_only=True):
    __tablename__ = "assigned_specimen"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    specimen_id: Mapped[int] = mapped_column(
        ForeignKey("specimen.id"), primary_key=True, index=True
    )


class Handover(Base, kw_only=True):
    """Somebody gave an assignment to a person, or closed it. Append-only; the newest counts."""

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    """None: it was closed."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class RandomCheck(Base, kw_only=True):
    """What a random check offered, and how well that agrees with the label that came of it."""

    __tablename__ = "random_check"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True)
    """The first decision."""
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"))
    """The one that stood first."""
    version_id: Mapped[int | None] = mapped_column(ForeignKey("label_version.id"), default=None)
    dice: Mapped[float | None] = mapped_column(default=None)
    """Found by a worker, once there is a label."""
