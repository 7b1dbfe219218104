"""Sending notices to an address, until they have arrived or too often have not.

A notice may arrive twice; it says its id. Sending is a part of a job of its own, so that a failure
harms nothing else.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.jobs import JobKind, PartKind
from app.domain.notices import Notice
from app.services import jobs

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
"""Before the second try, the third …; after the last, no more are made."""
OLDEST = timedelta(days=1)
"""What came before somebody set an address is no news."""
AT_ONCE = 20


def queue_due(session: Session) -> int:
    """Have those sent that are due; returns how many that are."""
    moment = now(session)
    query = (
        select(Notice)
        .where(Notice.due_at <= moment, Notice.created_at > moment - OLDEST)
        .order_by(Notice.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    due = session.scalars(query).all()
    for notice in due:
        notice.due_at = moment + PAUSES[notice.tries] if notice.tries < len(PAUSES) else None
        notice.tries += 1
        job = jobs.start(session, JobKind.WEBHOOK, None)
        jobs.add_part(session, job.id, PartKind.WEBHOOK, {"notice": notice.id})
    return len(due)


def arrived(session: Session, notice_id: int) -> None:
    session.get_one(Notice, notice_id).due_at = None
