"""Predicts a chunk of specimens with one model; each small batch is stored before the next."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.domain.rounds import TrainedModel
from app.services import predictions
from app.services.jobs import ClaimedPart
from app.services.predictions import PredictedMask, ToPredict
from ml.imaging.masks import encode_mask
from ml.imaging.read import read_png
from ml.progress import OnProgress, Progress
from worker.context import Context

if TYPE_CHECKING:
    from ml.predict import Predictor

BATCH = 16


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    import torch  # takes seconds to load, and most parts need none

    from ml.predict import Predictor

    torch.set_num_threads(os.cpu_count() or 1)
    model_id: int = part.payload["model_id"]
    with context.db.reading() as session:
        model = session.get_one(TrainedModel, model_id)
        waiting = predictions.still_to_predict(session, model_id, part.payload["specimen_ids"])
    predictor = Predictor(context.blobs.read(model.weights_digest))
    for first in range(0, len(waiting), BATCH):
        on_progress(Progress("predict", first, len(waiting)))
        predicted = _predict(context, predictor, waiting[first : first + BATCH])
        with context.db.transaction() as session:
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
            probability_digest=context.blobs.put(encode_mask(prediction.probability)),
            uncertainty=prediction.uncertainty,
        )
        for specimen, prediction in zip(batch, predictor.predict(crops), strict=True)
    ]
