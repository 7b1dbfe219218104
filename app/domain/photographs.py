"""Sources and the photographs that come from them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, parts_index, words
from ml.imaging.letterbox import WHITE_BANDS


class Source(Base, kw_only=True):
    """An institution or campaign: how its files are named and its photographs are cropped."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    scale_w: Mapped[float] = mapped_column(default=0.1)
    scale_ht: Mapped[float] = mapped_column(default=0.1)
    scale_hb: Mapped[float] = mapped_column(default=0.1)
    half_split: Mapped[bool] = mapped_column(default=True)
    drawers: Mapped[bool] = mapped_column(default=False)
    """Its photographs show many specimens each, and every box that is found becomes one."""
    name: Mapped[str] = mapped_column(String(200), default="")
    """Of the institution or campaign, as people say it."""
    name_pattern: Mapped[str] = mapped_column(String(1000), default="")
    """Regular expression of file stems, with named groups; see `app.services.name_patterns`."""
    label_pattern: Mapped[str] = mapped_column(String(1000), default="")
    """Regular expression of the file names that are photographs of labels; empty: none are."""
    padding: Mapped[str] = mapped_column(String(20), default=WHITE_BANDS)
    """`white`, `corners` or a colour such as `#808080`."""
    detector: Mapped[str] = mapped_column(String(100), default="")
    """`fallback`, `shipped`, `detector:<id>`, or empty for the one that all sources share."""
    created_at: Mapped[datetime]


class Exclusion(Base, kw_only=True):
    """A reason why the photograph of this name is of no use; a name can have several."""

    __tablename__ = "exclusion"
    __table_args__ = (UniqueConstraint("source_id", "key", "reason"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key: Mapped[str] = mapped_column(String(400))
    """File stem, as in `Specimen.key`. The photograph may come later, or never."""
    reason: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(String(1000), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]


class MetadataField(Base, kw_only=True):
    """One value of a table about specimens, joined by source and key."""

    __tablename__ = "metadata_field"
    __table_args__ = (
        Index("ix_metadata_field_value", "name", "value", "source_id", "key"),
        parts_index("ix_metadata_field_parts", "value"),
    )

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    """File stem. The photograph may come later, or never."""
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(String(1000))


class PhotographKind(StrEnum):
    SPECIMEN = "specimen"
    LABEL = "label"
    """Shows the label of a specimen, not the specimen."""


class Photograph(Base, kw_only=True):
    """The bytes as they arrived, never changed; width and height as stored, before any rotation."""

    __tablename__ = "photograph"
    __table_args__ = (
        Index("ix_photograph_key", "source_id", "key"),
        Index(
            "ix_photograph_label",
            "source_id",
            sqlite_where=text("kind = 'label'"),
            postgresql_where=text("kind = 'label'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key: Mapped[str] = mapped_column(String(400))
    """File stem, which a specimen and the photograph of its label can share."""
    file_name: Mapped[str] = mapped_column(String(400))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    notes: Mapped[list[str]]
    kind: Mapped[PhotographKind] = mapped_column(
        words(PhotographKind), default=PhotographKind.SPECIMEN
    )
    linked_path: Mapped[str | None] = mapped_column(String(1000), default=None)
    """Where the file stays that was not copied; its bytes are checked whenever they are read."""
    created_at: Mapped[datetime]

    source: Mapped[Source] = relationship(init=False)


class Outcome(StrEnum):
    """How the import of one file ended."""

    WAITING = "waiting"
    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"
    EXCLUDED = "excluded"
    """Taken in, and unusable from the start: its name is in the source's exclusion list."""
    LABEL = "label"
    """Taken in as the photograph of a label."""
    UNPACKED = "unpacked"
    """An archive whose files follow as files of their own."""


class ImportedFile(Base, kw_only=True):
    """One file that somebody handed in, whatever became of it."""

    __tablename__ = "imported_file"
    __table_args__ = (
        Index("ix_imported_file_job_outcome", "job_id", "outcome", "id"),
        Index("ix_imported_file_stamp", "source_id", "stamp"),
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
    stamp: Mapped[str] = mapped_column(String(64), default="")
    """Digest of path, size and time of change, by which a later import knows the file without
    reading it; empty where it came without a path."""
