"""Sources and the photographs that come from them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, words


class Source(Base, kw_only=True):
    """An institution or campaign, and how its photographs are cropped."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    scale_w: Mapped[float] = mapped_column(default=0.1)
    scale_ht: Mapped[float] = mapped_column(default=0.1)
    scale_hb: Mapped[float] = mapped_column(default=0.1)
    half_split: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Photograph(Base, kw_only=True):
    """The bytes as they arrived, never changed; width and height as stored, before any rotation."""

    __tablename__ = "photograph"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(400))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    notes: Mapped[list[str]]
    created_at: Mapped[datetime]

    source: Mapped[Source] = relationship(init=False)


class Outcome(StrEnum):
    """How the import of one file ended."""

    WAITING = "waiting"
    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"
    UNPACKED = "unpacked"
    """An archive whose files follow as files of their own."""


class ImportedFile(Base, kw_only=True):
    """One file that somebody handed in, whatever became of it."""

    __tablename__ = "imported_file"
    __table_args__ = (
        Index("ix_imported_file_job_outcome", "job_id", "outcome", "id"),
        UniqueConstraint("job_id", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    name: Mapped[str] = mapped_column(String(1000))
    """Path as the person would write it; a file in an archive is ``archive.zip/inner/name.jpg``."""
    digest: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[Outcome] = mapped_column(words(Outcome), default=Outcome.WAITING)
    reason: Mapped[str] = mapped_column(String(1000), default="")
    photograph_id: Mapped[int | None] = mapped_column(ForeignKey("photograph.id"), default=None)
    """The photograph that it became, or that it collides with."""
