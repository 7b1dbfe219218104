"""What becomes of predictions."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobState, Part
from app.domain.labelling import Candidate
from app.domain.rounds import Measurement, TrainedModel
from app.domain.specimens import Specimen
from app.errors import Refused
from app.services import predictions, queueing
from app.services.predictions import ToPredict
from ml.checkpoints import Weights
from ml.config import NetworkConfig
from ml.imaging.arrays import Pixels
from ml.networks.unet import UNet
from ml.prediction.predictor import Predicted
from tests import factories
from tests.conftest import Drain
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from worker.context import Context
from worker.jobs.predict import batches_of


class FindsNothing:
    def __init__(self, *_weights: bytes) -> None:
        pass

    def stream(
        self, batches: Iterable[Sequence[Pixels]], paddings: Iterable[Sequence[str]]
    ) -> Iterator[list[Predicted]]:
        nothing = np.zeros((8, 8), np.float32)
        for batch, words in zip(batches, paddings, strict=True):
            assert set(words) == {"corners"}
            yield [Predicted(np.zeros(crop.shape[:2], np.uint8), nothing, 1.0) for crop in batch]


def test_a_prediction_of_nothing_is_offered_to_nobody(
    context: Context,
    db: Database,
    blobs: FolderBlobs,
    add_labels: AddLabels,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ml.prediction.predictor.Predictor", FindsNothing)
    add_labels(4)
    round_ = flow.start(db)
    model = flow.add_model(db, round_)
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs, "open")
        specimen.source.padding = "corners"
        specimen_id = specimen.id
        model = session.merge(model)
        model.weights_digest = blobs.put(b"weights")
        predictions.start(session, [model.id], None)
    drain(context)
    with db.reading() as session:
        specimen = session.get_one(Specimen, specimen_id)
        mine = (Candidate.model_id == model.id) & (Candidate.specimen_id == specimen_id)
        candidate = session.scalars(select(Candidate).where(mine)).one()
        assert candidate.rejected
        assert (specimen.candidates, specimen.open_candidates) == (3, 2)
        assert specimen.disagreement == 1, "nothing is nothing like the best candidate"
        assert queueing.next_specimens(session)[0].id == specimen_id, "nothing is least certain"


@pytest.fixture
def two_models(db: Database, blobs: FolderBlobs, add_labels: AddLabels) -> list[int]:
    """Of networks that have learned nothing, from two rounds."""
    add_labels(4)
    models = [flow.add_model(db, flow.start(db)) for _ in range(2)]
    config = NetworkConfig(base=4, depth=2)
    with db.transaction() as session:
        for model in models:
            weights = Weights(config, 16, UNet(config).state_dict()).to_bytes()
            session.get_one(TrainedModel, model.id).weights_digest = blobs.put(weights)
    return [model.id for model in models]


def test_several_models_predict_together(
    context: Context, db: Database, two_models: list[int], drain: Drain
) -> None:
    with db.transaction() as session:
        predictions.start(session, two_models, None)
    drain(context)
    with db.reading() as session:
        found = session.scalars(select(Candidate).where(Candidate.model_id.is_not(None))).all()
        specimens = session.scalars(select(Specimen.id)).all()
        assert session.scalars(select(Measurement)).all() == [], "figures are of single models"
    first, second = two_models
    assert {candidate.origin for candidate in found} == {f"models:{first}+{second}"}
    assert {candidate.model_id for candidate in found} == {second}
    assert sorted(candidate.specimen_id for candidate in found) == sorted(specimens)


def test_only_what_came_since_is_predicted_again(
    context: Context, db: Database, blobs: FolderBlobs, two_models: list[int], drain: Drain
) -> None:
    model_id = two_models[0]
    with db.transaction() as session:
        predictions.start(session, [model_id], None)
    drain(context)
    with db.transaction() as session, pytest.raises(Refused, match="already"):
        predictions.start(session, [model_id], None)
    with db.transaction() as session:
        late = factories.make_specimen(session, blobs, "late").id
        job_id = predictions.start(session, [model_id], None).id
    with db.reading() as session:
        waiting = select(Part).where(Part.job_id == job_id, Part.state == JobState.QUEUED)
        assert session.scalars(waiting).one().payload["specimen_ids"] == [late]


def test_small_crops_go_together_and_large_ones_alone() -> None:
    sides = [1000] * 20 + [4000, 6000, 6000, 1000]
    waiting = [ToPredict(n, n, "", (side, side), "white") for n, side in enumerate(sides)]
    batches = list(batches_of(waiting))
    assert [len(batch) for batch in batches] == [16, 5, 1, 1, 1]
    assert [each.specimen_id for batch in batches for each in batch] == list(range(24))
