"""The heartbeat of a part: its worker lives, however long a single step takes."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import MothmaskError
from app.services import jobs
from app.services.jobs import ClaimedPart
from worker.context import Context

BEATS = 4
"""In the time after which a worker counts as dead."""

log = logging.getLogger(__name__)


@contextmanager
def beating(context: Context, part: ClaimedPart) -> Iterator[None]:
    """Beat in a thread of its own: loading, compiling or one large picture may take minutes."""
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(context, part, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(context: Context, part: ClaimedPart, over: threading.Event) -> None:
    while not over.wait(context.settings.heartbeat_seconds / BEATS):
        try:
            with context.db.transaction() as session:
                jobs.beat(session, part)
        except MothmaskError as trouble:  # a database that is away, a full disk: they pass
            log.warning("no heartbeat: %s", trouble)
