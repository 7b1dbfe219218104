"""Mending what crashes and lost messages leave behind: see `app.services.jobs`."""

from datetime import timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.db import now, send_after_commit
from app.domain.jobs import OPEN, Job, JobState, Part
from app.queue import Message
from app.services.jobs import MOST_ATTEMPTS, settle


def sweep(session: Session, heartbeat: timedelta) -> int:
    """Requeue parts whose worker fell silent, send lost messages again, close what is finished."""
    moment = now(session)
    # What is to come was written before a clock was put back, and says nothing.
    around = moment - heartbeat, moment + heartbeat
    silent = (Part.state == JobState.RUNNING) & ~Part.heartbeat_at.between(*around)
    unheard = (Part.state == JobState.QUEUED) & (
        (Part.sent_at <= around[0]) | (Part.sent_at > around[1])
    )
    _lock_jobs(session, select(Part.job_id).where(silent | unheard))
    session.execute(
        update(Part)
        .where(silent, Part.attempts >= MOST_ATTEMPTS)
        .values(
            state=JobState.FAILED,
            claim=None,
            message="The worker died each time it tried this; see the log of the workers.",
        )
    )
    session.execute(
        update(Part)
        .where(silent)
        .values(state=JobState.QUEUED, claim=None, sent_at=moment - heartbeat)
    )
    lost = session.scalars(select(Part).where(unheard).order_by(Part.id).limit(500)).all()
    for part in lost:
        part.sent_at = moment
        send_after_commit(session, Message(part.id, part.queue))
    for job_id in _open_jobs_without_open_parts(session):
        settle(session, job_id)
    return len(lost)


def take_back_all(session: Session) -> None:
    """Requeue everything that runs: only for a start at which no other process can be alive."""
    session.execute(update(Job).where(Job.state.in_(OPEN)).values(growing=False))
    session.execute(
        update(Part).where(Part.state == JobState.RUNNING).values(state=JobState.QUEUED, claim=None)
    )
    waiting = select(Part.id, Part.queue).where(Part.state == JobState.QUEUED).order_by(Part.id)
    for part_id, queue in session.execute(waiting):
        send_after_commit(session, Message(part_id, queue))


def _lock_jobs(session: Session, job_ids: Select[int]) -> None:
    session.execute(
        select(Job.id).where(Job.id.in_(job_ids)).order_by(Job.id).with_for_update()
    ).all()


def _open_jobs_without_open_parts(session: Session) -> list[int]:
    has_open_part = select(Part.id).where(Part.job_id == Job.id, Part.state.in_(OPEN)).exists()
    jobs = select(Job.id).where(Job.state.in_(OPEN), Job.growing.is_(False), ~has_open_part)
    return list(session.scalars(jobs))
