"""Puts the queue in order anew."""

from app.services import queue_order
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    with context.db.reading() as session:
        changed = sorted(queue_order.changes(session).items())
    for first in range(0, len(changed), queue_order.AT_A_TIME):
        on_progress(Progress("order", first, len(changed)))
        with storing(context, part) as session:
            queue_order.store(session, dict(changed[first : first + queue_order.AT_A_TIME]))
