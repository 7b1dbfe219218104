"""Detectors that were trained, here or elsewhere, and the boxes that they learned from."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, Json, words
from app.domain.jobs import Job
from app.domain.specimens import Split


class DetectorRound(Base, kw_only=True):
    """One training of a detector. What it learns from is frozen in `DetectorBox` at its start."""

    __tablename__ = "detector_round"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    number: Mapped[int] = mapped_column(unique=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), unique=True)
    config: Mapped[Json]
    """`dataclasses.asdict` of the whole `ml.detector_config.DetectorConfig`."""
    start: Mapped[str] = mapped_column(String(100), default="")
    """The detector whose weights it began with, by its name; empty: random ones."""
    checkpoint_digest: Mapped[str | None] = mapped_column(String(64), default=None)
    """Where a training that was killed goes on; None before the first one and at the end."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]

    job: Mapped[Job] = relationship(init=False)


class DetectorBox(Base, kw_only=True):
    """A box in the frozen training set: of a checked crop, or of the mask of a label version."""

    __tablename__ = "detector_box"

    round_id: Mapped[int] = mapped_column(ForeignKey("detector_round.id"), primary_key=True)
    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"), primary_key=True)
    crop_id: Mapped[int | None] = mapped_column(ForeignKey("crop.id"), default=None)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("label_version.id"), default=None)
    left: Mapped[int | None] = mapped_column(default=None)
    top: Mapped[int | None] = mapped_column(default=None)
    right: Mapped[int | None] = mapped_column(default=None)
    bottom: Mapped[int | None] = mapped_column(default=None)
    """Of the specimen itself, not enlarged, in pixels of the photograph; None until a worker has
    looked at the mask."""
    split: Mapped[Split] = mapped_column(words(Split))


class DetectorPoint(Base, kw_only=True):
    """One point of the curves: how a training stood after so many steps."""

    __tablename__ = "detector_point"

    round_id: Mapped[int] = mapped_column(ForeignKey("detector_round.id"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    loss: Mapped[float]
    """Mean since the last point."""
    mean_iou: Mapped[float]
    share_good: Mapped[float]
    share_whole: Mapped[float]
    """On the photographs that it does not learn from, each 0…1; see `ml.detect.figures`."""
    seconds: Mapped[float]


class TrainedDetector(Base, kw_only=True):
    """A network in ONNX format, trained here or handed in, and how well it found known boxes."""

    __tablename__ = "trained_detector"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    round_id: Mapped[int | None] = mapped_column(
        ForeignKey("detector_round.id"), unique=True, default=None
    )
    """None: it was trained elsewhere, and handed in as a file."""
    digest: Mapped[str] = mapped_column(String(64))
    """The ONNX file."""
    weights_digest: Mapped[str | None] = mapped_column(String(64), default=None)
    """safetensors, to go on training from; of those that were trained here."""
    file_name: Mapped[str] = mapped_column(String(400), default="")
    """Of the file that was handed in."""
    layout: Mapped[str] = mapped_column(String(20), default="v8")
    """How its outputs lie; see `ml.detect.layouts`."""
    classes: Mapped[list[int]] = mapped_column(default_factory=list)
    """Numbers of those of its classes that are specimens; none: all."""
    metrics: Mapped[Json]
    """Of itself and, on the same photographs, of others; see `app.services.detector_figures`."""
    created_at: Mapped[datetime]

    round: Mapped[DetectorRound | None] = relationship(init=False)


class DetectorPromotion(Base, kw_only=True):
    """Which detector all sources share from then on. Append-only; the newest counts."""

    __tablename__ = "detector_promotion"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    detector: Mapped[str] = mapped_column(String(100))
    """`fallback`, `shipped`, `detector:<id>`, or `setting`: what MOTHMASK_DETECTOR says."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]
