"""Measures every model on every labelled member of the benchmark, and people against each other."""

from dataclasses import replace

from app.services import benchmark_measuring
from app.services.benchmark_measuring import Agreed, ToAgree
from app.services.jobs import ClaimedPart
from ml.imaging.masks import decode_mask
from ml.metrics.figures import figures
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.holding import storing
from worker.jobs import predict
from worker.measuring import measure


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    """What is missing is looked at now, so one part that waits is enough, however much joins."""
    with context.db.reading() as session:
        models = benchmark_measuring.model_ids(session)
        members = benchmark_measuring.labelled_members(session)
        pairs = benchmark_measuring.still_to_agree(session)
    _agree(context, part, pairs, on_progress)
    for number, model_id in enumerate(models):
        note = f"{number + 1} / {len(models)}"

        def tell(progress: Progress, note: str = note) -> None:
            on_progress(replace(progress, note=note))

        predict.predict(context, part, [model_id], members, tell)
        measure(context, part, model_id, members, tell)


def _agree(
    context: Context, part: ClaimedPart, pairs: list[ToAgree], on_progress: OnProgress
) -> None:
    for number, pair in enumerate(pairs):
        on_progress(Progress("measure", number, len(pairs)))
        agreed = _agreed(context, pair)
        with storing(context, part) as session:
            benchmark_measuring.store(session, [agreed])


def _agreed(context: Context, pair: ToAgree) -> Agreed:
    mask, truth = (
        decode_mask(context.blobs.read(d)) for d in (pair.mask_digest, pair.label_digest)
    )
    found = figures(mask, truth)
    return Agreed(pair, found.dice, found.boundary_f)
