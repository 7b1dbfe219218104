"""A training that nothing disturbs, and what it leaves behind."""

import json
from dataclasses import replace

import pytest
from safetensors.torch import load
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobState
from app.domain.labelling import Candidate
from app.domain.people import Person
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Specimen, SpecimenState, Split
from app.services import queueing, round_starting
from ml.config import TrainingConfig
from ml.imaging.boxes import Box
from ml.imaging.masks import decode_mask
from ml.imaging.read import read_png
from ml.metrics.overlap import dice
from ml.presets import PRESETS
from tests import factories
from tests.conftest import Drain
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from tests.service.rounds.flow import QUICK
from tests.unit.learning.ellipses import SMALL
from worker.context import Context


def predictions(db: Database, model: TrainedModel) -> dict[int, Candidate]:
    with db.reading() as session:
        found = session.scalars(select(Candidate).where(Candidate.model_id == model.id))
        return {candidate.specimen_id: candidate for candidate in found}


def train(context: Context, drain: Drain) -> tuple[Round, TrainedModel]:
    round_ = flow.start(context.db)
    drain(context)
    model = flow.model_of(context.db, round_)
    assert model is not None
    return round_, model


def test_a_round_ends_with_a_model_its_card_and_predictions(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, drain: Drain
) -> None:
    db = context.db
    labelled = add_labels(6)
    with db.transaction() as session:
        unlabelled = [factories.make_specimen(session, blobs, f"open-{n}").id for n in range(3)]
        unusable = factories.make_specimen(session, blobs, "unusable")
        unusable.unusable = True
        unusable.settle()
        factories.make_specimen(session, blobs, "uncropped", cropped=False)
        before = {s.id: s.version_id for s in session.scalars(select(Specimen))}
    round_, model = train(context, drain)

    assert flow.job_state(db, round_) == JobState.DONE
    assert flow.epoch_numbers(db, round_) == [1, 2, 3]
    assert set(predictions(db, model)) == {*labelled, *unlabelled}
    with db.reading() as session:
        assert {s.id: s.version_id for s in session.scalars(select(Specimen))} == before
        states = {session.get_one(Specimen, number).state for number in labelled}
    assert states == {SpecimenState.LABELLED}


def test_the_card_names_the_labels_and_the_weights(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, drain: Drain
) -> None:
    add_labels(5)
    round_, model = train(context, drain)
    card = json.loads(blobs.read(model.card_digest))
    named = {
        split: [(label["id"], label["mask_sha256"]) for label in labels]
        for split, labels in card["label_versions"].items()
    }
    frozen = flow.frozen(context.db, round_)
    assert named == {
        split: [(label.version_id, label.mask_digest) for label in frozen if label.split is split]
        for split in Split
    }
    assert card["weights_sha256"] == model.weights_digest
    assert (card["round"], card["preset"]) == (1, "tiny")
    assert card["metrics"] == model.metrics
    assert TrainingConfig.from_json(card["config"]) == PRESETS["tiny"]
    assert load(blobs.read(model.weights_digest))


def test_it_learns_and_what_it_predicts_waits_for_review(
    context: Context,
    blobs: FolderBlobs,
    add_labels: AddLabels,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(PRESETS, "tiny", replace(SMALL, epochs=5))
    db = context.db
    add_labels(8)
    with db.transaction() as session:
        for number in range(5):
            factories.make_specimen(session, blobs, f"open-{number}")
    _, model = train(context, drain)
    found = predictions(db, model)
    dices = [dice(decode_mask(blobs.read(c.digest)), factories.moth_mask()) for c in found.values()]
    assert min(dices) > 0.8
    with db.reading() as session:
        queue = [specimen.id for specimen in queueing.next_specimens(session)]
    assert len(queue) == 5
    assert all(0 < (found[number].uncertainty or 0.0) < 1 for number in queue)
    probability = read_png(blobs.read(found[queue[0]].probability_digest or ""))
    assert probability.shape[:2] == (QUICK.side, QUICK.side)


def test_labels_are_trained_on_as_they_were_when_frozen(
    context: Context, blobs: FolderBlobs, person: Person, add_labels: AddLabels, drain: Drain
) -> None:
    db = context.db
    recropped, redrawn, set_aside, *_ = add_labels(6)
    undisturbed = flow.start(db)
    drain(context)
    round_ = flow.start(db)
    with db.transaction() as session:
        box = Box(4, 6, 60, 44)
        crop = factories.make_crop(session, blobs, session.get_one(Specimen, recropped), box)
        redrawn_specimen = session.get_one(Specimen, redrawn)
        factories.make_version(session, blobs, redrawn_specimen, person, grown=4)
        specimen = session.get_one(Specimen, set_aside)
        specimen.unusable = True
        specimen.settle()
    drain(context)
    model = flow.model_of(db, round_)
    assert model is not None
    assert model.weights_digest == flow.weights_of(db, undisturbed)
    found = predictions(db, model)
    assert set_aside not in found
    assert found[recropped].crop_id == crop.id
    assert decode_mask(blobs.read(found[recropped].digest)).shape == (box.height, box.width)


def test_the_next_round_goes_on_from_the_last_weights(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, drain: Drain
) -> None:
    db = context.db
    add_labels(4)
    _, first = train(context, drain)
    with db.transaction() as session:
        second = round_starting.start_round(session, preset="tiny", person_id=None)
    drain(context)
    model = flow.model_of(db, second)
    assert model is not None
    assert second.start_model_id == first.id
    card = json.loads(blobs.read(model.card_digest))
    assert card["start_weights_sha256"] == first.weights_digest
    assert model.weights_digest != first.weights_digest


def test_nothing_is_left_behind_but_what_the_rows_name(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, drain: Drain
) -> None:
    add_labels(4)
    before = flow.stored(blobs)
    _, model = train(context, drain)
    named = {model.weights_digest, model.card_digest}
    for candidate in predictions(context.db, model).values():
        named |= {candidate.digest, candidate.probability_digest or ""}
    assert flow.stored(blobs) - before == named - before
    assert not list(context.settings.data.glob("training-*"))
