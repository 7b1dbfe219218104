"""Keeping the measurements of the benchmark up to date: every model on every member with a label.

One part does it all, and looks at what is missing when it begins. So it is enough that one waits
while specimens join and labels change, and it may run twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.benchmark import Agreement, SecondLabel
from app.domain.jobs import Job, JobKind, JobState, Part, PartKind
from app.domain.labelling import LabelVersion
from app.domain.rounds import TrainedModel
from app.domain.specimens import Specimen
from app.errors import Refused
from app.queue import Queue
from app.services import jobs

PAYLOAD = {"benchmark": True}


@dataclass(frozen=True)
class ToAgree:
    """A second person's mask and the label, as addresses of their pixels."""

    second_label_id: int
    version_id: int
    mask_digest: str
    label_digest: str


@dataclass(frozen=True)
class Agreed:
    pair: ToAgree
    dice: float
    boundary_f: float


def notice(session: Session, person_id: int | None) -> Job | None:
    """Something joined or changed: have it measured, unless a part that waits will see it."""
    if _is_waiting(session) or not _is_anything_to_measure(session):
        return None
    job = jobs.start(session, JobKind.MEASUREMENTS, person_id)
    job.result = dict(PAYLOAD)
    jobs.add_part(session, job.id, PartKind.MEASURE, dict(PAYLOAD), Queue.GPU)
    return job


def start(session: Session, person_id: int | None) -> Job:
    """Somebody asks for it.

    Raises:
        Refused: it waits already, or nothing could be measured.
    """
    job = notice(session, person_id)
    if job is None:
        raise Refused("There is nothing to measure that does not wait to be measured already.")
    return job


def model_ids(session: Session) -> Sequence[int]:
    """All models, the newest first: it is asked for first."""
    return session.scalars(select(TrainedModel.id).order_by(TrainedModel.id.desc())).all()


def labelled_members(session: Session) -> Sequence[int]:
    """Members that a model can be measured on."""
    query = select(Specimen.id).where(
        Specimen.in_benchmark,
        Specimen.version_id.is_not(None),
        Specimen.crop_id.is_not(None),
        Specimen.unusable.is_(False),
    )
    return session.scalars(query.order_by(Specimen.id)).all()


def still_to_agree(session: Session) -> list[ToAgree]:
    """Second masks that were not compared with the present label of somebody else."""
    return [ToAgree(*row) for row in session.execute(_unagreed())]


def store(session: Session, agreed: Iterable[Agreed]) -> None:
    """Keep figures, except of pairs that were compared meanwhile."""
    still_open = {(pair.second_label_id, pair.version_id) for pair in still_to_agree(session)}
    session.add_all(
        Agreement(
            second_label_id=each.pair.second_label_id,
            version_id=each.pair.version_id,
            dice=each.dice,
            boundary_f=each.boundary_f,
            created_at=now(session),
        )
        for each in agreed
        if (each.pair.second_label_id, each.pair.version_id) in still_open
    )


def _unagreed() -> Select[int, int, str, str]:
    done = select(Agreement.version_id).where(
        Agreement.second_label_id == SecondLabel.id, Agreement.version_id == LabelVersion.id
    )
    return (
        select(SecondLabel.id, LabelVersion.id, SecondLabel.digest, LabelVersion.digest)
        .join(Specimen, Specimen.id == SecondLabel.specimen_id)
        .join(LabelVersion, LabelVersion.id == Specimen.version_id)
        .where(
            Specimen.in_benchmark,
            LabelVersion.crop_id == SecondLabel.crop_id,
            LabelVersion.person_id != SecondLabel.person_id,
            ~done.exists(),
        )
        .order_by(SecondLabel.id)
    )


def _is_waiting(session: Session) -> bool:
    """Whether a part waits; it is held, so that it begins only after this transaction."""
    queued = select(Part).where(Part.kind == PartKind.MEASURE, Part.state == JobState.QUEUED)
    ids = [part.id for part in session.scalars(queued) if part.payload.get("benchmark")]
    return bool(session.scalars(queued.where(Part.id.in_(ids)).with_for_update()).all())


def _is_anything_to_measure(session: Session) -> bool:
    if session.scalar(select(TrainedModel.id).limit(1)) is not None:
        return True
    return session.execute(_unagreed().limit(1)).first() is not None
