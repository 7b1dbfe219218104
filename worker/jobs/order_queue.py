"""Puts the queue in order anew, and looks what became of random checks."""

from app.services import queue_order, stop_advice
from app.services.jobs import ClaimedPart
from ml.imaging.masks import decode_mask
from ml.metrics.overlap import dice
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
    _compare_checks(context, part)


def _compare_checks(context: Context, part: ClaimedPart) -> None:
    """Say of random checks how good the mask was that they offered."""
    with context.db.reading() as session:
        waiting = stop_advice.open_checks(session)
    for check in waiting:
        offered, label = (
            decode_mask(context.blobs.read(digest))
            for digest in (check.offered_digest, check.label_digest)
        )
        with storing(context, part) as session:
            stop_advice.store(session, check, dice(offered, label))
