"""Read files that were handed in as masks."""

from functools import partial

from app.services import mask_reading
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    mask_reading.read_files(
        context.db,
        context.blobs,
        part.payload["files"],
        partial(storing, context, part),
        on_progress,
    )
