"""Going on with a job that failed or was cancelled."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now, send_after_commit
from app.domain.jobs import OPEN, Job, JobKind, JobState, Part
from app.errors import Conflict
from app.queue import Message
from app.services import jobs

ONE_AT_A_TIME = {
    JobKind.ROUND: "Another round is still running; wait for it or cancel it.",
    JobKind.DETECTOR: "Another detector is still being trained; wait for it or cancel it.",
}


def resume(session: Session, job_id: int) -> Job:
    """Queue again what failed or was cancelled; what is done stays done."""
    job = jobs.get_job(session, job_id, lock=True)
    if not job.is_open and not job.can_go_on:
        raise Conflict("Job {number} has nothing left to do again.", number=job_id)
    if job.kind in ONE_AT_A_TIME:
        _refuse_second(session, job)
    parts = session.scalars(
        select(Part).where(
            Part.job_id == job_id, Part.state.in_((JobState.FAILED, JobState.CANCELLED))
        )
    ).all()
    if not parts:
        raise Conflict("Job {number} has nothing left to do again.", number=job_id)
    for part in parts:
        part.state, part.attempts, part.message, part.sent_at = JobState.QUEUED, 0, "", now(session)
        send_after_commit(session, Message(part.id, part.queue))
    job.state, job.message, job.finished_at = JobState.QUEUED, "", None
    return job


def _refuse_second(session: Session, job: Job) -> None:
    others = select(Job.id).where(Job.kind == job.kind, Job.state.in_(OPEN), Job.id != job.id)
    if session.scalar(others.limit(1)) is not None:
        raise Conflict(ONE_AT_A_TIME[job.kind])
