"""Jobs and parts: adding, claiming, reporting, finishing, cancelling.

Every change of a part's state is one conditional UPDATE, so that a message that is delivered twice,
two sweepers, or a worker that was believed dead cannot do the same part twice. Whoever changes
parts and their job locks the job first, so that a cancellation waits rather than deadlocks.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.orm import Session

from app.db import now, send_after_commit
from app.domain.base import Json
from app.domain.jobs import OPEN, Job, JobKind, JobState, Part, PartKind
from app.errors import Conflict, NotFound
from app.queue import Message, Queue
from app.services import notices
from ml.progress import Progress

MOST_ATTEMPTS = 5
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
URGENCY = (
    PartKind.STAGE,
    PartKind.EXPORT,
    PartKind.TRAIN,
    PartKind.TRAIN_DETECTOR,
    PartKind.ADD_DETECTOR,
    PartKind.READ_MASKS,
    PartKind.QUEUE,
    PartKind.WEBHOOK,
    PartKind.PROPOSE,
    PartKind.CROP,
    PartKind.PLACE_BOXES,
    PartKind.RECROP,
    PartKind.TAKE_IN,
    PartKind.PREDICT,
    PartKind.MEASURE,
    PartKind.CALIBRATE,
    PartKind.STRATA,
    PartKind.MAPS,
    PartKind.REFINE,
)
"""What a person waits for comes first; what betters a result that is there comes last."""


@dataclass(frozen=True)
class ClaimedPart:
    """What a worker knows of the part that it works on."""

    id: int
    job_id: int
    kind: PartKind
    payload: Json
    claim: str


def start(session: Session, kind: JobKind, person_id: int | None, *, growing: bool = False) -> Job:
    job = Job(kind=kind, person_id=person_id, growing=growing, result={}, created_at=now(session))
    session.add(job)
    session.flush()
    return job


def add_part(
    session: Session,
    job_id: int,
    kind: PartKind,
    payload: Json,
    queue: Queue = Queue.CPU,
    *,
    awaited: bool = False,
) -> Part:
    """Add a part for a worker to claim; if the job was cancelled meanwhile, it waits with it.

    A job that looked finished, because whoever fills it was thought dead, goes on. `awaited` is for
    what somebody has asked for and sits waiting for, whatever its kind.
    """
    job = get_job(session, job_id, lock=True)
    cancelled = job.state is JobState.CANCELLED
    if not job.is_open and not cancelled:
        job.state, job.finished_at = JobState.RUNNING, None
    part = Part(
        job_id=job_id,
        kind=kind,
        queue=queue,
        urgency=0 if awaited else URGENCY.index(kind),
        payload=payload,
        state=JobState.CANCELLED if cancelled else JobState.QUEUED,
        sent_at=now(session),
    )
    session.add(part)
    session.flush()
    if not cancelled:
        send_after_commit(session, Message(part.id, part.queue))
    return part


def all_parts_added(session: Session, job_id: int) -> None:
    session.execute(update(Job).where(Job.id == job_id).values(growing=False))
    settle(session, job_id)


def most_urgent(session: Session, part_id: int) -> int | None:
    """Return which part of this part's queue is to be done next; None if none waits.

    A message is only a call to work. Done in the order in which they come, all photographs of an
    import would be cropped before the first mask is proposed.
    """
    queue = select(Part.queue).where(Part.id == part_id).scalar_subquery()
    waiting = select(Part.id).where(Part.state == JobState.QUEUED, Part.queue == queue)
    return session.scalar(waiting.order_by(Part.urgency, Part.id).limit(1))


def claim(session: Session, part_id: int) -> ClaimedPart | None:
    """Take a queued part, or nothing if somebody else has it or it was cancelled."""
    part = get_part(session, part_id)
    job = get_job(session, part.job_id, lock=True)
    token = secrets.token_hex(8)
    taken = (
        update(Part)
        .where(Part.id == part_id, Part.state == JobState.QUEUED)
        .values(
            state=JobState.RUNNING,
            claim=token,
            attempts=Part.attempts + 1,
            heartbeat_at=now(session),
            message="",
        )
    )
    if not _changed_one(session, taken):
        return None
    if job.state is JobState.QUEUED:
        job.state = JobState.RUNNING
    return ClaimedPart(part.id, part.job_id, part.kind, part.payload, token)


def report(session: Session, part: ClaimedPart, progress: Progress) -> bool:
    """Store how far the part is. False: it is no longer this worker's, and it should stop."""
    return _changed_one(
        session,
        _mine(part).values(
            heartbeat_at=now(session),
            stage=progress.stage,
            done=progress.done,
            total=progress.total,
            note=progress.note,
        ),
    )


def beat(session: Session, part: ClaimedPart) -> None:
    """Its worker is alive, whether it has anything to report or not."""
    session.execute(_mine(part).values(heartbeat_at=now(session)))


def hold(session: Session, part: ClaimedPart) -> bool:
    """Keep others from taking the part away until the session ends. False: somebody has."""
    get_job(session, part.job_id, lock=True)
    mine = select(Part.id).where(Part.id == part.id, Part.claim == part.claim)
    return session.scalar(mine.with_for_update()) is not None


def finish(session: Session, part: ClaimedPart) -> None:
    get_job(session, part.job_id, lock=True)
    if _changed_one(session, _mine(part).values(state=JobState.DONE, claim=None)):
        settle(session, part.job_id)


def fail(session: Session, part: ClaimedPart, message: str) -> None:
    get_job(session, part.job_id, lock=True)
    failed = _mine(part).values(state=JobState.FAILED, claim=None, message=message[:1000])
    if _changed_one(session, failed):
        settle(session, part.job_id)


def hand_back(session: Session, part: ClaimedPart) -> None:
    """Give up a part that another worker shall do now; it does not count as one of its attempts."""
    given_up = _mine(part).values(
        state=JobState.QUEUED, claim=None, attempts=Part.attempts - 1, sent_at=now(session)
    )
    if _changed_one(session, given_up):
        send_after_commit(session, Message(part.id, get_part(session, part.id).queue))


def got_further(session: Session, part: ClaimedPart) -> None:
    """What it has done outlives it, so that the next death is not one more of those in vain."""
    session.execute(_mine(part).values(attempts=1))


def abandon(session: Session, part: ClaimedPart) -> None:
    """Have the next sweep treat its worker as dead; what never works is given up in the end."""
    session.execute(_mine(part).values(heartbeat_at=_LONG_AGO))


def cancel(session: Session, job_id: int) -> Job:
    """Stop a job: what waits never starts, and what runs hears of it at its next report."""
    job = get_job(session, job_id, lock=True)
    if not job.is_open:
        raise Conflict(
            "Job {number} has already ended ({state}).", number=job_id, state=job.state.value
        )
    session.execute(
        update(Part)
        .where(Part.job_id == job_id, Part.state.in_(OPEN))
        .values(state=JobState.CANCELLED, claim=None)
    )
    job.state, job.growing, job.finished_at = JobState.CANCELLED, False, now(session)
    return job


def settle(session: Session, job_id: int) -> None:
    """Close the job when no part is open any more."""
    job = get_job(session, job_id, lock=True)
    session.flush()
    if not job.is_open or job.growing or _has_part(session, job_id, OPEN):
        return
    failed = _has_part(session, job_id, (JobState.FAILED,))
    job.state = JobState.FAILED if failed else JobState.DONE
    job.finished_at = now(session)
    if failed:
        job.message = _first_message(session, job_id)
    notices.job_ended(session, job)


def get_job(session: Session, job_id: int, *, lock: bool = False) -> Job:
    job = session.get(Job, job_id, with_for_update=lock or None)
    if job is None:
        raise NotFound("There is no job {number}.", number=job_id)
    return job


def get_part(session: Session, part_id: int) -> Part:
    part = session.get(Part, part_id)
    if part is None:
        raise NotFound("There is no part {number}.", number=part_id)
    return part


def is_running(session: Session, part_id: int) -> bool:
    part = session.get(Part, part_id)
    return part is not None and part.state is JobState.RUNNING


def _mine(part: ClaimedPart) -> Update:
    return update(Part).where(Part.id == part.id, Part.claim == part.claim)


def _changed_one(session: Session, statement: Update) -> bool:
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _has_part(session: Session, job_id: int, states: Sequence[JobState]) -> bool:
    found = select(Part.id).where(Part.job_id == job_id, Part.state.in_(states)).limit(1)
    return session.scalar(found) is not None


def _first_message(session: Session, job_id: int) -> str:
    failed = select(Part.message).where(Part.job_id == job_id, Part.state == JobState.FAILED)
    return session.scalars(failed.order_by(Part.id).limit(1)).one()
