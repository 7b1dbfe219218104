"""Trainings of detectors: starting one, what it brings as it goes, and what it leaves behind."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import now
from app.domain.detectors import DetectorPoint, DetectorRound, TrainedDetector
from app.domain.jobs import OPEN, Job, JobKind, PartKind
from app.domain.specimens import Split
from app.errors import Conflict, Refused
from app.queue import Queue
from app.services import detector_boxes, detectors, jobs
from app.services.ranges import MOST_SEED, SEED, refuse_outside
from ml import shipped_detector
from ml.detector_config import DetectorConfig

MIN_BOXES = 20
MIN_PHOTOGRAPHS = 6
"""Of which four are the least that is trained on, and the rest measures."""
MOST_STEPS = 100_000
SCRATCH = "scratch"


@dataclass(frozen=True)
class DetectorWishes:
    """What a lead may want otherwise; what is None stays as it is by itself."""

    steps: int | None = None
    begin: str | None = None
    """Name of the detector to go on from, or `SCRATCH`."""
    seed: int | None = None


AS_USUAL = DetectorWishes()


def start(
    session: Session, *, person_id: int | None, wishes: DetectorWishes = AS_USUAL
) -> DetectorRound:
    """Freeze the present boxes and queue the training.

    Raises:
        Refused: a wish that cannot be met, or too few boxes.
        Conflict: another detector is being trained.
    """
    config = _configure(wishes)
    _refuse_too_few(session)
    _refuse_second(session)
    round_ = _add_round(session, config, _beginning(session, config, wishes.begin), person_id)
    if detector_boxes.freeze(session, round_.id) != set(Split):
        raise Refused(
            "All photographs with boxes that there are have been on one side of a training before, "
            "so a detector could either not learn or not be measured. Check one more box first."
        )
    jobs.add_part(
        session, round_.job_id, PartKind.TRAIN_DETECTOR, {"round_id": round_.id}, Queue.GPU
    )
    return round_


def running(session: Session) -> int | None:
    """The number of the training that is queued or runs; there is one at most."""
    numbers = select(DetectorRound.number).join(Job, Job.id == DetectorRound.job_id)
    return session.scalar(numbers.where(Job.state.in_(OPEN)).limit(1))


def of_job(session: Session, job_id: int) -> DetectorRound | None:
    return session.scalar(select(DetectorRound).where(DetectorRound.job_id == job_id))


def newest_done(session: Session) -> int | None:
    """The id of the newest training that left a detector."""
    return session.scalar(select(func.max(TrainedDetector.round_id)))


def detector_of(session: Session, round_id: int) -> TrainedDetector | None:
    return session.scalar(select(TrainedDetector).where(TrainedDetector.round_id == round_id))


def points(session: Session, round_id: int) -> Sequence[DetectorPoint]:
    query = select(DetectorPoint).where(DetectorPoint.round_id == round_id)
    return session.scalars(query.order_by(DetectorPoint.step)).all()


def store_point(session: Session, point: DetectorPoint) -> None:
    """Keep one point of the curves; steps that were trained again replace their first try."""
    session.execute(
        delete(DetectorPoint).where(
            DetectorPoint.round_id == point.round_id, DetectorPoint.step >= point.step
        )
    )
    session.add(point)


def store_checkpoint(session: Session, round_id: int, digest: str | None) -> str | None:
    """Keep where training stands, or nothing; returns the digest of bytes that nobody needs now."""
    round_ = session.get_one(DetectorRound, round_id, with_for_update=True)
    outdated, round_.checkpoint_digest = round_.checkpoint_digest, digest
    session.flush()
    needed = select(DetectorRound.id).where(DetectorRound.checkpoint_digest == outdated).limit(1)
    return outdated if outdated is not None and session.scalar(needed) is None else None


def store_detector(session: Session, detector: TrainedDetector) -> TrainedDetector:
    assert detector.round_id is not None
    known = detector_of(session, detector.round_id)
    if known is not None:
        return known
    session.add(detector)
    session.flush()
    return detector


def _configure(wishes: DetectorWishes) -> DetectorConfig:
    refuse_outside(
        "The number of steps is a number from {least} to {most}, not {value}.",
        wishes.steps,
        1,
        MOST_STEPS,
    )
    refuse_outside(SEED, wishes.seed, 0, MOST_SEED)
    usual = DetectorConfig()
    wanted = {"steps": wishes.steps, "seed": wishes.seed}
    given = {name: value for name, value in wanted.items() if value is not None}
    return DetectorConfig.from_json({**asdict(usual), **given})


def _refuse_too_few(session: Session) -> None:
    found = detector_boxes.counts(session)
    if found.boxes < MIN_BOXES or found.photographs < MIN_PHOTOGRAPHS:
        raise Refused(
            "Training a detector needs at least {least} sure boxes on {photographs} photographs, "
            "and there are {found} on {on}. Check some boxes or accept some masks first.",
            least=MIN_BOXES,
            photographs=MIN_PHOTOGRAPHS,
            found=found.boxes,
            on=found.photographs,
        )


def _refuse_second(session: Session) -> None:
    number = running(session)
    if number is not None:
        raise Conflict(
            "Training {number} of a detector is still running; wait for it or cancel it.",
            number=number,
        )


def beginnings(session: Session, config: DetectorConfig) -> list[str]:
    """Detectors of the same network: what they know need not be learned again.

    The newest that was trained here comes first and is the usual one, the one that comes with the
    program last.
    """
    trained = select(TrainedDetector).where(TrainedDetector.weights_digest.is_not(None))
    newest_first = session.scalars(trained.order_by(TrainedDetector.id.desc()))
    fitting = [
        detectors.trained_name(each.id)
        for each in newest_first
        if each.round is not None and each.round.config["width"] == config.width
    ]
    with_program = shipped_detector.is_there() and config.width == shipped_detector.WIDTH
    return [*fitting, *([detectors.SHIPPED] if with_program else [])]


def _beginning(session: Session, config: DetectorConfig, wish: str | None) -> str:
    known = beginnings(session, config)
    if wish == SCRATCH:
        return ""
    if wish is not None and wish not in known:
        raise Refused(
            "A training cannot go on from “{wish}”; it can from {known}.",
            wish=wish,
            known=", ".join([*known, SCRATCH]),
        )
    return wish or next(iter(known), "")


def _add_round(
    session: Session, config: DetectorConfig, begin: str, person_id: int | None
) -> DetectorRound:
    job = jobs.start(session, JobKind.DETECTOR, person_id)
    number = (session.scalar(select(func.max(DetectorRound.number))) or 0) + 1
    job.result = {"detector_round": number}
    round_ = DetectorRound(
        number=number,
        job_id=job.id,
        config=asdict(config),
        start=begin,
        person_id=person_id,
        created_at=now(session),
    )
    session.add(round_)
    try:
        session.flush()
    except IntegrityError:  # somebody else started one in the same moment
        raise Conflict(
            "Another training of a detector was started at the same moment; wait for it."
        ) from None
    return round_
