"""What has to be done about trainings now and then, whoever does it."""

import logging
import shutil

from app.errors import MothmaskError
from app.services import jobs, loose_blobs, round_scheduling
from worker.context import Context

FOLDER = "training-"
"""How folders of squares begin; the number of their part follows."""

log = logging.getLogger(__name__)


def care(context: Context) -> None:
    """Clear away what killed workers left, and start and judge automatic rounds."""
    clear_folders(context)
    context.blobs.clear_unfinished()
    loose_blobs.sweep(context.db, context.blobs, older_than=2 * context.heartbeat)
    try:
        with context.db.transaction() as session:
            round_scheduling.judge_finished(session)
        with context.db.transaction() as session:
            round_scheduling.start_if_due(session)
    except MothmaskError as refused:
        log.warning("no automatic round: %s", refused)


def clear_folders(context: Context, *, but_of: int = 0) -> None:
    """Remove what killed workers left: folders of parts that nobody works on.

    Args:
        but_of: a part of this worker itself; what is there of it is a predecessor's.
    """
    for left in context.settings.data.glob(f"{FOLDER}*"):
        owner = left.name.removeprefix(FOLDER).partition("-")[0]
        with context.db.reading() as session:
            running = owner.isdecimal() and jobs.is_running(session, int(owner))
        if not running or owner == str(but_of):
            shutil.rmtree(left, ignore_errors=True)
