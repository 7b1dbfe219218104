"""Specimens, their crops and their tags."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, parts_index, words
from app.domain.photographs import Photograph, Source
from ml.imaging.boxes import Box
from ml.imaging.frame import Placement


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


NO_BOX, OTHER_BOX = -1.0, 2.0
"""In place of a confidence: without a crop, and with one that no detector has found."""
_ASKED_OF_BOXES = ("state", "source_id", "box_warned")


class Specimen(Base, kw_only=True):
    """One moth on one photograph. `state` follows from the other columns and is never set alone."""

    __tablename__ = "specimen"
    __table_args__ = (
        UniqueConstraint("source_id", "key"),
        Index("ix_specimen_stratum", "stratum", "state", "source_id"),
        # So that labels, and what waits, are counted without the rows.
        Index("ix_specimen_labels", "state", "version_id", "in_benchmark"),
        Index("ix_specimen_waiting", "state", "open_candidates"),
        Index("ix_specimen_queue", "state", "skips", text("priority DESC"), "id"),
        Index("ix_specimen_best", "state", text("best_score DESC"), "id"),
        Index("ix_specimen_checks", "state", "skips", "lot", "id"),
        Index("ix_specimen_disagreement", "state", text("disagreement DESC"), "id"),
        # What `RoundLabel` refers to; in this order it also finds the members of the benchmark.
        Index("uq_specimen_in_benchmark", "in_benchmark", "id", unique=True),
        # With all that boxes are asked for by, so that these are counted without the rows.
        Index("ix_specimen_boxes", "box_checked", "box_doubt", "id", *_ASKED_OF_BOXES),
        Index("ix_specimen_confidence", "box_checked", "box_confidence", "id", *_ASKED_OF_BOXES),
        parts_index("ix_specimen_key_parts", "key"),
        # The other index of it is in the order of the language, which no beginning leads into.
        Index(
            "ix_specimen_taxon_begins", "taxon", postgresql_ops={"taxon": "text_pattern_ops"}
        ).ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    photograph_id: Mapped[int] = mapped_column(ForeignKey("photograph.id"), index=True)
    key: Mapped[str] = mapped_column(String(400))
    """Its name in the collection: file stem with its case; `#2`, `#3` … for further ones."""
    taxon: Mapped[str] = mapped_column(String(60), default="", index=True)
    """Code that the source's name pattern found; see `app.domain.taxa`. Empty if none."""
    number: Mapped[str] = mapped_column(String(100), default="", index=True)
    """Catalogue number, from the name."""
    individual: Mapped[str] = mapped_column(String(60), default="")
    sex: Mapped[str] = mapped_column(String(60), default="", index=True)
    view: Mapped[str] = mapped_column(String(60), default="")
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
    best_candidate_id: Mapped[int | None] = mapped_column(default=None, init=False)
    """The highest ranked of them."""
    best_score: Mapped[float | None] = mapped_column(default=None, init=False)
    """Its score."""
    skips: Mapped[int] = mapped_column(default=0, init=False)
    """How often it was put off; the queue shows what was put off least first."""
    priority: Mapped[float] = mapped_column(default=0.0, init=False)
    """Higher is reviewed earlier; see `app.services.queue_score`."""
    uncertainty: Mapped[float | None] = mapped_column(default=None, init=False)
    """0…1, of the newest prediction."""
    disagreement: Mapped[float | None] = mapped_column(default=None, init=False)
    """0…1, 1 − Dice of the newest prediction and the label, or the best other candidate."""
    shortage: Mapped[float] = mapped_column(default=0.0, init=False)
    """0…1, how far its stratum is short of labels by the time it is its turn."""
    lot: Mapped[float] = mapped_column(default=1.0, init=False)
    """0…1, drawn at random: the least are checks. See `app.services.queueing`."""
    stratum: Mapped[int | None] = mapped_column(default=None, init=False)
    """Its number in the newest stratification; see `app.domain.strata`."""
    cluster: Mapped[int | None] = mapped_column(default=None, init=False)
    """The same as the clustering gave it, before strata were merged."""
    split: Mapped[Split | None] = mapped_column(words(Split), default=None, init=False)
    """The side on which a round first used it, and on which it stays in all later rounds."""
    in_benchmark: Mapped[bool] = mapped_column(default=False, init=False)
    """It measures models and trains none; see `app.domain.benchmark`."""
    box_checked: Mapped[bool] = mapped_column(default=False, init=False)
    """A person has said of the present crop that it is right, or has drawn it."""
    box_doubt: Mapped[float] = mapped_column(default=0.0, init=False)
    """0…1, higher is shown earlier to whoever goes through the boxes."""
    box_confidence: Mapped[float] = mapped_column(default=NO_BOX, init=False)
    """Of the detector in the present crop, 0…1; `NO_BOX` and `OTHER_BOX` come before and behind."""
    box_warned: Mapped[bool] = mapped_column(default=False, init=False)
    """The present crop has warnings."""
    state: Mapped[SpecimenState] = mapped_column(
        words(SpecimenState), default=SpecimenState.IMPORTED, init=False
    )

    source: Mapped[Source] = relationship(init=False)
    photograph: Mapped[Photograph] = relationship(init=False)
    crop: Mapped["Crop | None"] = relationship(
        init=False, foreign_keys=[crop_id], post_update=True, viewonly=True
    )

    def take_crop(self, crop: "Crop | None") -> None:
        """Make this crop the one that counts; None: there is nothing on the photograph."""
        self.crop_id = crop.id if crop is not None else None
        self.box_confidence = NO_BOX if crop is None else OTHER_BOX
        if crop is not None and crop.confidence is not None:
            self.box_confidence = crop.confidence
        self.box_warned = bool(crop is not None and crop.warnings)

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


class CropWarning(StrEnum):
    """Why a person should look at a box."""

    UNSURE = "unsure"
    """The detector was little confident."""
    TOUCHES_BORDER = "touches-border"
    """The found box reaches the photograph's edge: wings may be cut."""
    ASPECT = "aspect"
    """Much wider or higher than the other boxes of its source."""
    RULER_OR_CARD = "ruler-or-card"
    """Something straight or of even colour is in it beside the specimen."""


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
    angle: Mapped[float] = mapped_column(default=0.0)
    """Degrees by which the box is turned clockwise about its centre, on the photograph."""
    warnings: Mapped[list[str]] = mapped_column(default_factory=list)
    """Of `CropWarning`."""
    created_at: Mapped[datetime]

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.right, self.bottom)

    @property
    def placement(self) -> Placement:
        return Placement(self.box, self.angle)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width, as arrays have them."""
        return self.bottom - self.top, self.right - self.left


class BoxVerdict(StrEnum):
    RIGHT = "right"
    CORRECTED = "corrected"
    """The crop checked is a new one, drawn by hand."""
    NO_SPECIMEN = "no-specimen"
    UNDONE = "undone"
    """Takes back an earlier check."""


class BoxCheck(Base, kw_only=True):
    """What a person said of a box. Append-only; the newest of a specimen counts."""

    __tablename__ = "box_check"
    __table_args__ = (Index("ix_box_check_specimen", "specimen_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    decision_id: Mapped[str] = mapped_column(String(64), unique=True)
    """Made by the client, so that a check that is sent twice counts once."""
    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"))
    crop_id: Mapped[int | None] = mapped_column(ForeignKey("crop.id"), default=None)
    """None where there is nothing on the photograph."""
    before_id: Mapped[int | None] = mapped_column(ForeignKey("crop.id"), default=None)
    """The crop that the person saw, if there was one."""
    verdict: Mapped[BoxVerdict] = mapped_column(words(BoxVerdict))
    retracts_id: Mapped[int | None] = mapped_column(
        ForeignKey("box_check.id"), default=None, unique=True
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]


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
