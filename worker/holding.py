"""Storing results only while the part is still this worker's."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.jobs import Part
from app.services import jobs
from app.services.jobs import ClaimedPart
from worker.context import Context
from worker.progress import Cancelled


@contextmanager
def storing(context: Context, part: ClaimedPart) -> Iterator[Session]:
    """A transaction during which nobody can take the part away.

    Raises:
        Cancelled: somebody has: the job was cancelled, or another worker does the part.
    """
    with context.db.transaction() as session:
        jobs.get_job(session, part.job_id, lock=True)  # before the part, as cancelling does it
        mine = select(Part.id).where(Part.id == part.id, Part.claim == part.claim)
        if session.scalar(mine.with_for_update()) is None:
            raise Cancelled
        yield session
