"""Background work: a job is split into parts, and a part is what one worker claims."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base, Json, words


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (JobState.QUEUED, JobState.RUNNING)


class JobKind(StrEnum):
    IMPORT = "import"
    ROUND = "round"
    EXPORT = "export"
    MASKS = "masks"
    MAPS = "maps"
    STRATA = "strata"
    CALIBRATION = "calibration"
    PREDICTIONS = "predictions"
    """Of chosen models, asked for after their rounds."""
    MEASUREMENTS = "measurements"
    """Of a model, on labels that came or were corrected after its round."""
    CROPS = "crops"
    """Boxes are looked for anew where no person has touched them."""
    DETECTOR = "detector"
    QUEUE = "queue"
    """What is reviewed next is put in order anew."""
    WEBHOOK = "webhook"
    """Notices are sent to an address."""


class PartKind(StrEnum):
    STAGE = "stage"
    """Files are being handed in, by the process that has them; no worker can do it."""
    TAKE_IN = "take-in"
    CROP = "crop"
    RECROP = "recrop"
    """As `CROP`, for several specimens that have crops which nobody has touched."""
    PLACE_BOXES = "place-boxes"
    """A table says where the specimens of a photograph are."""
    PROPOSE = "propose"
    REFINE = "refine"
    TRAIN = "train"
    PREDICT = "predict"
    EXPORT = "export"
    READ_MASKS = "read-masks"
    MAPS = "maps"
    STRATA = "strata"
    CALIBRATE = "calibrate"
    MEASURE = "measure"
    TRAIN_DETECTOR = "train-detector"
    ADD_DETECTOR = "add-detector"
    QUEUE = "queue"
    WEBHOOK = "webhook"


class Job(Base, kw_only=True):
    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    kind: Mapped[JobKind] = mapped_column(words(JobKind))
    state: Mapped[JobState] = mapped_column(words(JobState), default=JobState.QUEUED)
    growing: Mapped[bool] = mapped_column(default=False)
    """More parts are still to be added, so it is not done when the present ones are."""
    message: Mapped[str] = mapped_column(String(1000), default="")
    """What went wrong, for people."""
    result: Mapped[Json]
    """What the job made, such as the digest of an archive."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def can_go_on(self) -> bool:
        """A file that was refused as no detector would only be refused again."""
        refused = "adding" in self.result and "detector" not in self.result
        failed = self.state is JobState.FAILED and not refused
        return failed or self.state is JobState.CANCELLED


class Part(Base, kw_only=True):
    __tablename__ = "part"
    __table_args__ = (
        Index("ix_part_job", "job_id", "state", "kind"),
        Index("ix_part_waiting", "state", "queue", "urgency", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"))
    kind: Mapped[PartKind] = mapped_column(words(PartKind))
    queue: Mapped[str] = mapped_column(String(20))
    urgency: Mapped[int]
    """0 is done first; see `app.services.jobs`."""
    payload: Mapped[Json]
    state: Mapped[JobState] = mapped_column(words(JobState), default=JobState.QUEUED)
    claim: Mapped[str | None] = mapped_column(String(80), default=None)
    """Who works on it now; changes with every attempt."""
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime | None] = mapped_column(default=None)
    stage: Mapped[str] = mapped_column(String(60), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(300), default="")
    message: Mapped[str] = mapped_column(String(1000), default="")
