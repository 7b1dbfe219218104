"""Specimens, their crops and their tags."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, words
from app.domain.photographs import Photograph, Source
from ml.imaging.boxes import Box


class SpecimenState(StrEnum):
    IMPORTED = "imported"
    UNCROPPED = "uncropped"
    CROPPED = "cropped"
    PROPOSED = "proposed"
    LABELLED = "labelled"
    UNUSABLE = "unusable"


class Split(StrEnum):
    """What a round does with a label: learn from it, or choose the best epoch by it."""

    TRAINING = "training"
    VALIDATION = "validation"


class Specimen(Base, kw_only=True):
    """One moth on one photograph. `state` follows from the other columns and is never set alone."""

    __tablename__ = "specimen"
    __table_args__ = (
        UniqueConstraint("source_id", "key"),
        Index("ix_specimen_queue", "state", "skips", text("priority DESC"), "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    photograph_id: Mapped[int] = mapped_column(ForeignKey("photograph.id"), index=True)
    key: Mapped[str] = mapped_column(String(400))
    """Its name in the collection: file stem with its case; `#2`, `#3` … for further ones."""
    created_at: Mapped[datetime]

    crop_id: Mapped[int | None] = mapped_column(
        ForeignKey("crop.id", use_alter=True), default=None, init=False
    )
    version_id: Mapped[int | None] = mapped_column(
        ForeignKey("label_version.id", use_alter=True), default=None, init=False
    )
    """The label version that counts now, if any."""
    searched: Mapped[bool] = mapped_column(default=False, init=False)
    """A detector has looked at the photograph."""
    unusable: Mapped[bool] = mapped_column(default=False, init=False)
    candidates: Mapped[int] = mapped_column(default=0, init=False)
    open_candidates: Mapped[int] = mapped_column(default=0, init=False)
    """Candidates that nobody has rejected."""
    skips: Mapped[int] = mapped_column(default=0, init=False)
    """How often it was put off; the queue shows what was put off least first."""
    priority: Mapped[float] = mapped_column(default=0.0, init=False)
    """0…1, higher is reviewed earlier; see `app.services.queueing`."""
    uncertainty: Mapped[float | None] = mapped_column(default=None, init=False)
    """0…1, of the newest prediction."""
    stratum: Mapped[int | None] = mapped_column(default=None, init=False)
    """Its number in the newest stratification; see `app.domain.strata`."""
    split: Mapped[Split | None] = mapped_column(words(Split), default=None, init=False)
    """The side on which a round first used it, and on which it stays in all later rounds."""
    state: Mapped[SpecimenState] = mapped_column(
        words(SpecimenState), default=SpecimenState.IMPORTED, init=False
    )

    source: Mapped[Source] = relationship(init=False)
    photograph: Mapped[Photograph] = relationship(init=False)
    crop: Mapped["Crop | None"] = relationship(
        init=False, foreign_keys=[crop_id], post_update=True, viewonly=True
    )

    def settle(self) -> None:
        """Bring `state` in line with everything else that is known."""
        if self.unusable:
            self.state = SpecimenState.UNUSABLE
        elif self.version_id is not None:
            self.state = SpecimenState.LABELLED
        elif self.candidates:
            self.state = SpecimenState.PROPOSED
        elif self.crop_id is not None:
            self.state = SpecimenState.CROPPED
        else:
            self.state = SpecimenState.UNCROPPED if self.searched else SpecimenState.IMPORTED


class Crop(Base, kw_only=True):
    """A box on the photograph, and the pixels in it. A corrected box is a new crop version."""

    __tablename__ = "crop"
    __table_args__ = (UniqueConstraint("specimen_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"))
    number: Mapped[int]
    left: Mapped[int]
    top: Mapped[int]
    right: Mapped[int]
    bottom: Mapped[int]
    found_box: Mapped[list[int] | None] = mapped_column(default=None)
    """Left, top, right, bottom as the detector gave it, before it was enlarged."""
    confidence: Mapped[float | None] = mapped_column(default=None)
    origin: Mapped[str] = mapped_column(String(100))
    """Name of the detector, or "hand"."""
    digest: Mapped[str] = mapped_column(String(64))
    """PNG of the pixels at their own resolution."""
    preview_digest: Mapped[str] = mapped_column(String(64))
    """The same, at most 1,600 px on the long side, for the review page."""
    created_at: Mapped[datetime]

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.right, self.bottom)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width, as arrays have them."""
        return self.bottom - self.top, self.right - self.left


class MapKind(StrEnum):
    SUPERPIXELS = "superpixels"
    BLOCKS = "blocks"


class CropMap(Base, kw_only=True):
    """Regions of a crop that a person can pick from; made by workers, kept for good."""

    __tablename__ = "crop_map"

    crop_id: Mapped[int] = mapped_column(ForeignKey("crop.id"), primary_key=True)
    kind: Mapped[MapKind] = mapped_column(words(MapKind), primary_key=True)
    method: Mapped[str] = mapped_column(String(60), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    """RGB PNG, id = red + 256 · green, at most 1,600 px on the long side."""
    created_at: Mapped[datetime]


class Tag(Base, kw_only=True):
    """A free word on a specimen."""

    __tablename__ = "tag"

    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"), primary_key=True)
    word: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]
