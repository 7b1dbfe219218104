"""Storing results only while the part is still this worker's."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

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
        if not jobs.hold(session, part):
            raise Cancelled
        yield session
