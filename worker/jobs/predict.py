"""Predicts a chunk of specimens with one model or several; each small batch is stored at once."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.domain.rounds import TrainedModel
from app.services import predictions
from app.services.jobs import ClaimedPart
from app.services.predictions import PredictedMask, ToPredict
from ml.imaging.arrays import Mask
from ml.imaging.masks import decode_mask, encode_mask
from ml.imaging.probability import encode_probability
from ml.imaging.read import read_png
from ml.metrics.overlap import dice
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.holding import storing
from worker.measuring import measure

if TYPE_CHECKING:
    from ml.prediction.predictor import Predicted

BATCH = 16
BATCH_PIXELS = 24_000_000
"""Crops wait in memory at their own resolution, about four batches of them at once."""


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    # Parts that an earlier version queued name one model.
    model_ids: list[int] = part.payload.get("model_ids") or [part.payload["model_id"]]
    specimen_ids: list[int] = part.payload["specimen_ids"]
    predict(context, part, model_ids, specimen_ids, on_progress)
    if len(model_ids) == 1:  # measurements are of single models
        measure(context, part, model_ids[0], specimen_ids, on_progress)


def predict(
    context: Context,
    part: ClaimedPart,
    model_ids: Sequence[int],
    specimen_ids: Sequence[int],
    on_progress: OnProgress,
) -> None:
    """Give each of these specimens its candidate of these models together, where it has none."""
    from ml.prediction.predictor import (
        Predictor,  # torch takes seconds to load, and most parts need none
    )

    with context.db.reading() as session:
        models = [session.get_one(TrainedModel, model_id) for model_id in model_ids]
        waiting = predictions.still_to_predict(session, model_ids, specimen_ids)
    if not waiting:
        return
    predictor = Predictor(*(context.blobs.read(model.weights_digest) for model in models))
    batches = list(batches_of(waiting))
    crops = (
        [read_png(context.blobs.read(each.crop_digest)) for each in batch] for batch in batches
    )
    paddings = ([each.padding for each in batch] for batch in batches)
    done = 0
    for batch, predicted in zip(batches, predictor.stream(crops, paddings), strict=True):
        on_progress(Progress("predict", done, len(waiting)))
        masks = [_stored(context, *pair) for pair in zip(batch, predicted, strict=True)]
        with storing(context, part) as session:
            predictions.store(session, model_ids, masks)
        done += len(batch)


def batches_of(waiting: Sequence[ToPredict]) -> Iterator[list[ToPredict]]:
    """At most 16 crops, and no more than 24 megapixels but where one crop alone has more."""
    batch: list[ToPredict] = []
    pixels = 0
    for specimen in waiting:
        height, width = specimen.shape
        if batch and (len(batch) == BATCH or pixels + height * width > BATCH_PIXELS):
            yield batch
            batch, pixels = [], 0
        batch.append(specimen)
        pixels += height * width
    if batch:
        yield batch


def _stored(context: Context, specimen: ToPredict, predicted: "Predicted") -> PredictedMask:
    return PredictedMask(
        specimen_id=specimen.specimen_id,
        crop_id=specimen.crop_id,
        digest=context.blobs.put(encode_mask(predicted.mask)),
        probability_digest=context.blobs.put(encode_probability(predicted.probability)),
        uncertainty=predicted.uncertainty,
        disagreement=_disagreement(context, specimen.other_digest, predicted.mask),
        is_empty=not predicted.mask.any(),
    )


def _disagreement(context: Context, other_digest: str | None, mask: Mask) -> float | None:
    if other_digest is None:
        return None
    return 1 - dice(decode_mask(context.blobs.read(other_digest)), mask)
