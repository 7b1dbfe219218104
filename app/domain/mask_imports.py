"""Masks made outside, many at once: what came in, what was made of it, and what became of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, Json, words
from app.domain.jobs import Job
from app.domain.specimens import Crop, Specimen
from ml.imaging.kinds import MaskKind as MaskKind


class MaskOutcome(StrEnum):
    """What a file is found to be; only a matched one can be taken."""

    WAITING = "waiting"
    MATCHED = "matched"
    UNMATCHED = "unmatched"
    AMBIGUOUS = "ambiguous"
    WRONG_SIZE = "wrong-size"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    REPEATED = "repeated"
    """Another file of the same import is for the same specimen."""


class TakenAs(StrEnum):
    VERSIONS = "versions"
    CANDIDATES = "candidates"


class MaskImport(Base, kw_only=True):
    """Files that came in together; they change nothing until a person takes them."""

    __tablename__ = "mask_import"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    taken_as: Mapped[TakenAs | None] = mapped_column(words(TakenAs), default=None)
    taken_at: Mapped[datetime | None] = mapped_column(default=None)

    job: Mapped[Job] = relationship(init=False)


class MaskFile(Base, kw_only=True):
    """One file of an import, the mask that was read from it, and where that went."""

    __tablename__ = "mask_file"
    __table_args__ = (Index("ix_mask_file_outcome", "import_id", "outcome", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    import_id: Mapped[int] = mapped_column(ForeignKey("mask_import.id"))
    name: Mapped[str] = mapped_column(String(1000))
    digest: Mapped[str] = mapped_column(String(64))
    """The bytes as they came; empty when they could not be kept."""
    outcome: Mapped[MaskOutcome] = mapped_column(words(MaskOutcome), default=MaskOutcome.WAITING)
    reason: Mapped[Json]
    """Why it cannot be taken, or what to look at before, as `template` and `values` of a sentence;
    `choices` are the numbers of specimens that it may be for. Empty when all is well."""
    kind: Mapped[MaskKind | None] = mapped_column(words(MaskKind), default=None)
    kind_chosen: Mapped[bool] = mapped_column(default=False)
    """A person has said which kind it is."""
    inverted: Mapped[bool] = mapped_column(default=False)
    specimen_id: Mapped[int | None] = mapped_column(ForeignKey("specimen.id"), default=None)
    crop_id: Mapped[int | None] = mapped_column(ForeignKey("crop.id"), default=None)
    mask_digest: Mapped[str | None] = mapped_column(String(64), default=None)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("label_version.id"), default=None)
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("candidate.id"), default=None)

    specimen: Mapped[Specimen | None] = relationship(init=False)
    crop: Mapped[Crop | None] = relationship(init=False)

    @property
    def is_taken(self) -> bool:
        return self.version_id is not None or self.candidate_id is not None
