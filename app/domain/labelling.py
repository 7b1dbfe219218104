"""Candidates, label versions, reviews and drafts. All but drafts are written once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, words
from app.domain.people import Person
from app.domain.queue import Why
from app.domain.specimens import Crop, Specimen

HAND = "hand"
UPLOAD = "upload"
RESTORED = "restored"
CARRIED = "carried"
CARRIED_FROM = "carried:"
"""How the origin of a candidate begins that was carried over from another crop."""
FROM_FILE = "mask-file:"
"""How the id of a decision begins that takes a file of an import as a label."""


class Candidate(Base, kw_only=True):
    """A mask that somebody or something proposes. Only its score and its rejection move."""

    __tablename__ = "candidate"
    __table_args__ = (
        UniqueConstraint("crop_id", "origin"),
        Index("ix_candidate_open", "specimen_id", "rejected", "score"),
        Index("ix_candidate_model", "model_id", "id"),
        Index(
            "ix_candidate_origin",
            "origin",
            "rejected",
            text("score DESC"),
            "specimen_id",
            "crop_id",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"))
    crop_id: Mapped[int] = mapped_column(ForeignKey("crop.id"))
    origin: Mapped[str] = mapped_column(String(100))
    """Name of the method, `model:<id>`, or `models:<id>+<id>` for several together."""
    model_id: Mapped[int | None] = mapped_column(ForeignKey("trained_model.id"), default=None)
    agreeing: Mapped[list[str]]
    """Other methods whose masks were as good as equal to this one."""
    digest: Mapped[str] = mapped_column(String(64))
    own_score: Mapped[float]
    """0…1, as the method or the model itself rates it; methods rate anew when another is tried."""
    score: Mapped[float]
    """0…1, higher is shown first: the own score, or what a calibration makes of it."""
    uncertainty: Mapped[float | None] = mapped_column(default=None)
    probability_digest: Mapped[str | None] = mapped_column(String(64), default=None)
    rejected: Mapped[bool] = mapped_column(default=False)
    pruned: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It was rejected long ago, and its mask is not kept any more; see `app.services.pruning`."""
    created_at: Mapped[datetime]


class LabelVersion(Base, kw_only=True):
    """An accepted mask: immutable, numbered per specimen."""

    __tablename__ = "label_version"
    __table_args__ = (
        UniqueConstraint("specimen_id", "number"),
        # What `RoundLabel` refers to.
        Index("uq_label_version_specimen", "id", "specimen_id", unique=True),
        Index("ix_label_version_model", "model_id", "id"),
        Index("ix_label_version_person", "person_id", "id"),
        Index("ix_label_version_created", "created_at", "person_id", "origin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"))
    number: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("label_version.id"))
    crop_id: Mapped[int] = mapped_column(ForeignKey("crop.id"))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    origin: Mapped[str] = mapped_column(String(100))
    """`hand`, `upload`, `restored`, `carried`, or the origin of the accepted candidate."""
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("candidate.id"), default=None)
    model_id: Mapped[int | None] = mapped_column(ForeignKey("trained_model.id"), default=None)
    restores_id: Mapped[int | None] = mapped_column(ForeignKey("label_version.id"), default=None)
    """The earlier version whose mask this one brings back."""
    created_at: Mapped[datetime]

    specimen: Mapped[Specimen] = relationship(init=False, foreign_keys=[specimen_id])
    person: Mapped[Person] = relationship(init=False)
    crop: Mapped[Crop] = relationship(init=False)


class Decision(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    SKIP = "skip"
    UNUSABLE = "unusable"
    RETRACT = "retract"


class Review(Base, kw_only=True):
    """One decision of one curator. Taking one back is another review that names it."""

    __tablename__ = "review"
    __table_args__ = (
        Index("ix_review_specimen", "specimen_id", "id"),
        Index("ix_review_created", "created_at", "id"),
        Index("ix_review_why", "why", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    decision_id: Mapped[str] = mapped_column(String(64), unique=True)
    """Made by the client, so that a decision that is sent twice counts once."""
    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    decision: Mapped[Decision] = mapped_column(words(Decision))
    reasons: Mapped[list[str]]
    note: Mapped[str] = mapped_column(String(2000), default="")
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("candidate.id"), default=None)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("label_version.id"), default=None)
    """The version that was rejected, or that this review made."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("label_version.id"), default=None)
    """The label that the curator saw when deciding."""
    why: Mapped[Why | None] = mapped_column(words(Why), default=None)
    """Why the queue showed the specimen, if it was the queue."""
    retracts_id: Mapped[int | None] = mapped_column(
        ForeignKey("review.id"), default=None, unique=True
    )
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(init=False)


class Draft(Base, kw_only=True):
    """Unfinished hand work; one per person and specimen."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("specimen_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    crop_id: Mapped[int] = mapped_column(ForeignKey("crop.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("label_version.id"), default=None)
    digest: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime]


REJECT_REASONS = (
    "wing-cut",
    "background-included",
    "shadow-included",
    "pin-or-label-included",
    "antenna-or-leg-included",
    "rough-edge",
    "hole",
    "wrong-object",
    "other",
)
UNUSABLE_REASONS = (
    "wings-not-spread",
    "side-view",
    "damaged",
    "label-photograph",
    "genitalia",
    "blurred",
    "other",
)
