"""Measures masks of trained models on labels that they did not learn from."""

from collections.abc import Sequence

from app.services import measuring
from app.services.jobs import ClaimedPart
from app.services.measuring import Measured, ToMeasure
from ml.imaging.masks import decode_mask
from ml.metrics.figures import figures
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.holding import storing

BATCH = 16


def measure(
    context: Context,
    part: ClaimedPart,
    model_id: int,
    specimen_ids: Sequence[int],
    on_progress: OnProgress,
) -> None:
    """Measure what the model predicted of these specimens, wherever there is a fair label."""
    with context.db.reading() as session:
        waiting = measuring.still_to_measure(session, model_id, specimen_ids)
    for first in range(0, len(waiting), BATCH):
        on_progress(Progress("measure", first, len(waiting)))
        measured = [_measured(context, each) for each in waiting[first : first + BATCH]]
        with storing(context, part) as session:
            measuring.store(session, model_id, measured)


def _measured(context: Context, pair: ToMeasure) -> Measured:
    mask, truth = (
        decode_mask(context.blobs.read(d)) for d in (pair.mask_digest, pair.label_digest)
    )
    return Measured(pair, figures(mask, truth))
