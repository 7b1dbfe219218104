"""What becomes of predictions."""

from collections.abc import Sequence

import numpy as np
import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import PartKind
from app.domain.labelling import Candidate
from app.domain.specimens import Specimen
from app.queue import Queue
from app.services import jobs, queueing
from ml.imaging.arrays import Pixels
from ml.predict import Prediction
from tests import factories
from tests.conftest import Drain
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from worker.context import Context


class FindsNothing:
    def __init__(self, _weights: bytes) -> None:
        pass

    def predict(self, batch: Sequence[Pixels]) -> list[Prediction]:
        nothing = np.zeros((8, 8), np.uint8)
        return [Prediction(np.zeros(crop.shape[:2], np.uint8), nothing, 1.0) for crop in batch]


def test_a_prediction_of_nothing_is_offered_to_nobody(
    context: Context,
    db: Database,
    blobs: FolderBlobs,
    add_labels: AddLabels,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ml.predict.Predictor", FindsNothing)
    add_labels(4)
    round_ = flow.start(db)
    model = flow.add_model(db, round_)
    with db.transaction() as session:
        specimen_id = factories.make_specimen(session, blobs, "open").id
        model = session.merge(model)
        model.weights_digest = blobs.put(b"weights")
        payload = {"model_id": model.id, "specimen_ids": [specimen_id]}
        jobs.add_part(session, round_.job_id, PartKind.PREDICT, payload, Queue.GPU)
    drain(context)
    with db.reading() as session:
        specimen = session.get_one(Specimen, specimen_id)
        candidate = session.scalars(select(Candidate).where(Candidate.model_id == model.id)).one()
        assert candidate.rejected
        assert (specimen.candidates, specimen.open_candidates) == (3, 2)
        assert queueing.next_specimens(session)[0].id == specimen_id, "nothing is least certain"
