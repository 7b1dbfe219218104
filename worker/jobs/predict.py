"""Predicts a chunk of specimens with one model; each small batch is stored before the next."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.domain.rounds import TrainedModel
from app.services import predictions
from app.services.jobs import ClaimedPart
from app.services.predictions import PredictedMask, ToPredict
from ml.imaging.masks import encode_mask
from ml.imaging.read import encode_png, read_png
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.holding import storing

if TYPE_CHECKING:
    from ml.predict import Predictor

BATCH = 8
"""Crops at their own resolution are held in memory, and may have 20 megapixels each."""


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    from ml.predict import Predictor  # torch takes seconds to load, and most parts need none

    model_id: int = part.payload["model_id"]
    with context.db.reading() as session:
        model = session.get_one(TrainedModel, model_id)
        waiting = predictions.still_to_predict(session, model_id, part.payload["specimen_ids"])
    predictor = Predictor(context.blobs.read(model.weights_digest))
    for first in range(0, len(waiting), BATCH):
        on_progress(Progress("predict", first, len(waiting)))
        predicted = _predict(context, predictor, waiting[first : first + BATCH])
        with storing(context, part) as session:
            predictions.store(session, model_id, predicted)


def _predict(
    context: Context, predictor: "Predictor", batch: Sequence[ToPredict]
) -> list[PredictedMask]:
    crops = [read_png(context.blobs.read(specimen.crop_digest)) for specimen in batch]
    return [
        PredictedMask(
            specimen_id=specimen.specimen_id,
            crop_id=specimen.crop_id,
            digest=context.blobs.put(encode_mask(prediction.mask)),
            probability_digest=context.blobs.put(encode_png(prediction.probability)),
            uncertainty=prediction.uncertainty,
            is_empty=not prediction.mask.any(),
        )
        for specimen, prediction in zip(batch, predictor.predict(crops), strict=True)
    ]
