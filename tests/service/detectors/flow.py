"""Detectors as tests need them."""

from dataclasses import asdict, replace

from sqlalchemy import select

from app.blobs import Blobs
from app.db import Database
from app.domain.detectors import DetectorBox, DetectorPoint, DetectorRound, TrainedDetector
from app.domain.jobs import Job, JobKind, JobState, Part
from app.domain.specimens import Specimen, Split
from app.services import detector_rounds, jobs
from app.services.detector_figures import Comparison, Measured, Row
from app.services.detector_rounds import AS_USUAL, DetectorWishes
from app.services.jobs import ClaimedPart
from ml.detector_config import DetectorConfig
from ml.imaging.boxes import Box
from ml.metrics.intervals import Interval
from tests import factories

QUICK = replace(DetectorConfig(), steps=4, batch=2, side=64, width=4, validations=2)
MOTH = Box(10, 8, 54, 40)
"""Around the moth that the factories draw, about."""


def measured(iou: float, good: float = 0.75, whole: float = 1.0) -> Measured:
    def around(mean: float) -> Interval:
        return Interval(max(mean - 0.05, -1.0), mean, min(mean + 0.05, 1.0))

    return Measured(around(iou), around(good), around(whole))


COMPARISON = Comparison(
    photographs=4,
    rows=[
        Row("", 4, measured(0.9), None, 12.0),
        Row("fallback", 4, measured(0.6), measured(0.3, 0.0, 0.0), 15.0),
    ],
)


def add_detector(
    db: Database, comparison: Comparison = COMPARISON, *, config: DetectorConfig = QUICK
) -> TrainedDetector:
    """A detector that nobody trained; its training is over."""
    with db.transaction() as session:
        job = jobs.start(session, JobKind.DETECTOR, None)
        job.state = JobState.DONE
        round_ = DetectorRound(
            number=job.id, job_id=job.id, config=asdict(config), created_at=db.clock()
        )
        session.add(round_)
        session.flush()
        detector = TrainedDetector(
            round_id=round_.id,
            digest=f"{round_.id:064}",
            weights_digest="0" * 64,
            metrics=comparison.to_json(),
            created_at=db.clock(),
        )
        session.add(detector)
    return detector


def add_boxes(
    db: Database, blobs: Blobs, count: int, *, source: str = "TEST", prefix: str = "moth"
) -> list[int]:
    """Specimens with a crop that a detector found and somebody has checked."""
    made = []
    with db.transaction() as session:
        for number in range(count):
            specimen = factories.make_specimen(
                session, blobs, f"{prefix}-{number}", source_code=source, methods=()
            )
            crop = factories.make_crop(session, blobs, specimen, MOTH.grown(0.1, 0.1, 0.1))
            crop.found_box = [MOTH.left, MOTH.top, MOTH.right, MOTH.bottom]
            specimen.box_checked = True
            made.append(specimen.id)
    return made


def start(db: Database, wishes: DetectorWishes = AS_USUAL) -> DetectorRound:
    """Start a training that is over in a moment."""
    with db.transaction() as session:
        round_ = detector_rounds.start(session, person_id=None, wishes=wishes)
        round_.config = {**asdict(QUICK), "seed": round_.config["seed"]}
        return round_


def finish(db: Database, round_: DetectorRound, state: JobState = JobState.DONE) -> None:
    with db.transaction() as session:
        session.get_one(Job, round_.job_id).state = state


def frozen(db: Database, round_: DetectorRound) -> dict[int, DetectorBox]:
    """The boxes of a training by the numbers of their specimens."""
    query = select(DetectorBox).where(DetectorBox.round_id == round_.id)
    with db.reading() as session:
        return {box.specimen_id: box for box in session.scalars(query)}


def sides(db: Database, round_: DetectorRound) -> tuple[set[int], set[int]]:
    """The specimens that a training learns from, and those that it is measured on."""
    boxes = frozen(db, round_)
    measured = {number for number, box in boxes.items() if box.split is Split.VALIDATION}
    return set(boxes) - measured, measured


def edges(box: DetectorBox) -> list[int | None]:
    return [box.left, box.top, box.right, box.bottom]


def detector_of(db: Database, round_: DetectorRound) -> TrainedDetector | None:
    with db.reading() as session:
        return detector_rounds.detector_of(session, round_.id)


def trained(db: Database, round_: DetectorRound) -> TrainedDetector:
    detector = detector_of(db, round_)
    assert detector is not None, job_of(db, round_).message
    return detector


def points(db: Database, round_: DetectorRound) -> list[DetectorPoint]:
    with db.reading() as session:
        return list(detector_rounds.points(session, round_.id))


def job_of(db: Database, round_: DetectorRound) -> Job:
    with db.reading() as session:
        return session.get_one(Job, round_.job_id)


def claim(db: Database, round_: DetectorRound) -> ClaimedPart:
    with db.transaction() as session:
        part = session.scalars(select(Part.id).where(Part.job_id == round_.job_id)).one()
        claimed = jobs.claim(session, part)
    assert claimed is not None
    return claimed


def specimen(db: Database, specimen_id: int) -> Specimen:
    with db.reading() as session:
        return session.get_one(Specimen, specimen_id)


def round_of(db: Database, round_: DetectorRound) -> DetectorRound:
    """As it is now."""
    with db.reading() as session:
        return session.get_one(DetectorRound, round_.id)


def weights_of(db: Database, round_: DetectorRound) -> str:
    detector = detector_of(db, round_)
    assert detector is not None
    assert detector.weights_digest is not None
    return detector.weights_digest
