"""Detectors by name: which there are, which one serves a source, and how that is changed.

The names are `fallback`, `shipped`, `setting` (whatever MOTHMASK_DETECTOR says) and `detector:<id>`
for those that were trained here, or elsewhere and handed in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import now
from app.domain.detectors import DetectorPromotion, TrainedDetector
from app.domain.jobs import Job, JobKind, PartKind
from app.domain.photographs import Source
from app.errors import Conflict, NotFound, Refused
from app.services import jobs
from ml import shipped_detector

FALLBACK = "fallback"
SHIPPED = "shipped"
SETTING = "setting"
MOST_CLASSES = 9999
"""The highest number of a class; networks have 80, or 600."""


@dataclass(frozen=True)
class DetectorChoice:
    """A detector that a worker can open."""

    name: str
    digest: str | None = None
    """The ONNX file of one that was trained."""
    classes: tuple[int, ...] = ()
    """Those that are specimens; none: all that it knows."""
    trained_here: bool = False
    """A small network, whose boxes settle at the edges that the photograph shows."""


def always_there() -> tuple[str, ...]:
    """Those that nobody here has to train; not every copy of the program came with weights."""
    return (SETTING, FALLBACK, SHIPPED) if shipped_detector.is_there() else (SETTING, FALLBACK)


def resolved(name: str, setting: str) -> str:
    """The name that MOTHMASK_DETECTOR gives where `setting` stands for one that is always there."""
    return setting if name == SETTING and setting in (FALLBACK, SHIPPED) else name


def trained_name(detector_id: int) -> str:
    return f"detector:{detector_id}"


def trained_id(name: str) -> int | None:
    """The number in the name of a detector that was trained."""
    found = re.fullmatch(r"detector:([0-9]{1,9})", name)
    return int(found[1]) if found is not None else None


def chosen(session: Session, source: Source) -> DetectorChoice:
    """The source's own detector, or the one that all sources share.

    Raises:
        Refused: it came with the program once, and does so no more.
    """
    return choice(session, source.detector or shared(session))


def shared(session: Session) -> str:
    """The name of the detector that was promoted last; until there is a promotion, the setting."""
    newest = select(DetectorPromotion.detector).order_by(DetectorPromotion.id.desc()).limit(1)
    return session.scalar(newest) or SETTING


def was_promoted(session: Session) -> bool:
    return session.scalar(select(DetectorPromotion.id).limit(1)) is not None


def choice(session: Session, name: str) -> DetectorChoice:
    """Look a detector up by its name.

    Raises:
        Refused: it is no name of a detector.
        NotFound: there is no detector of this number.
    """
    if name in always_there():
        return DetectorChoice(name)
    number = trained_id(name)
    if number is None:
        raise Refused(
            "There is no detector “{name}”; use one of {known}, or detector:<number>.",
            name=name,
            known=", ".join(always_there()),
        )
    detector = get_detector(session, number)
    here = detector.round_id is not None
    return DetectorChoice(name, detector.digest, tuple(detector.classes), trained_here=here)


def get_detector(session: Session, detector_id: int) -> TrainedDetector:
    detector = session.get(TrainedDetector, detector_id)
    if detector is None:
        raise NotFound("There is no detector {number}.", number=detector_id)
    return detector


def trained(session: Session) -> Sequence[TrainedDetector]:
    """Those that were trained, here or elsewhere, newest first."""
    query = select(TrainedDetector).options(joinedload(TrainedDetector.round))
    return session.scalars(query.order_by(TrainedDetector.id.desc())).all()


def names(session: Session) -> list[str]:
    """Every detector that a source can have or that can be promoted."""
    ids = session.scalars(select(TrainedDetector.id).order_by(TrainedDetector.id.desc()))
    return [*always_there(), *(trained_name(detector_id) for detector_id in ids)]


def add(
    session: Session, digest: str, file_name: str, classes: Sequence[int], person_id: int | None
) -> Job:
    """Have a worker look at an ONNX file, and keep it as a detector if it is one.

    Raises:
        Refused: the numbers of classes make no sense.
        Conflict: the same file with the same classes is a detector already.
    """
    wanted = sorted(set(classes))
    if wanted and not 0 <= wanted[0] <= wanted[-1] <= MOST_CLASSES:
        raise Refused("Classes are numbered from 0 to {most}.", most=MOST_CLASSES)
    known = added(session, digest, wanted)
    if known is not None:
        raise Conflict("{file} is here already, as detector {id}.", file=file_name, id=known.id)
    job = jobs.start(session, JobKind.DETECTOR, person_id)
    job.result = {"adding": file_name}
    payload = {"digest": digest, "file": file_name, "classes": wanted}
    jobs.add_part(session, job.id, PartKind.ADD_DETECTOR, payload)
    return job


def added(session: Session, digest: str, classes: Sequence[int]) -> TrainedDetector | None:
    """The detector that was made of this file, if it was."""
    same = select(TrainedDetector).where(
        TrainedDetector.digest == digest, TrainedDetector.round_id.is_(None)
    )
    return next((each for each in session.scalars(same) if each.classes == list(classes)), None)


def store_added(
    session: Session,
    job_id: int,
    *,
    digest: str,
    file_name: str,
    classes: Sequence[int],
    layout: str,
) -> TrainedDetector:
    """Keep what a worker has opened; the same file with the same classes is one detector."""
    job = jobs.get_job(session, job_id)
    known = added(session, digest, classes)
    if known is not None:
        job.result = {**job.result, "detector": known.id}
        return known
    detector = TrainedDetector(
        digest=digest,
        file_name=file_name,
        classes=list(classes),
        layout=layout,
        metrics={},
        created_at=now(session),
    )
    session.add(detector)
    session.flush()
    job.result = {**job.result, "detector": detector.id}
    return detector


def of_job(session: Session, job: Job) -> TrainedDetector | None:
    """The detector that a job has made of a file, if it is done."""
    number = job.result.get("detector")
    return session.get(TrainedDetector, number) if number is not None else None


def promote(session: Session, name: str, person_id: int | None) -> DetectorPromotion:
    """Have all sources that name none use this detector from now on."""
    promotion = DetectorPromotion(
        detector=choice(session, name).name, person_id=person_id, created_at=now(session)
    )
    session.add(promotion)
    return promotion
