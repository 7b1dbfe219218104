"""Reports of running work: written at most once a second, and the way to hear of a cancellation."""

import time
from collections.abc import Callable

from app.db import Database
from app.services import jobs
from app.services.jobs import ClaimedPart
from ml.progress import Progress
from worker.stopping import Stop


class Cancelled(Exception):
    """The part is no longer this worker's: its job was cancelled, or another worker has it."""


class Reporter:
    """Callable as `on_progress`; each report that is written is a heartbeat too."""

    def __init__(
        self,
        db: Database,
        part: ClaimedPart,
        *,
        stop: Stop | None = None,
        every_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.db = db
        self.part = part
        self.stop = stop or Stop()
        self.every_seconds = every_seconds
        self.clock = clock
        self.written_at = float("-inf")

    def __call__(self, progress: Progress) -> None:
        self.stop.obey()
        if self.clock() - self.written_at < self.every_seconds:
            return
        self.written_at = self.clock()
        with self.db.transaction() as session:
            mine = jobs.report(session, self.part, progress)
        if not mine:
            raise Cancelled
