"""What is said of a round before it starts, against what it is when it has."""

from typing import Any

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.rounds import Epoch
from app.domain.specimens import Specimen, Split
from app.services import round_preview, round_starting, tags
from app.services.round_options import RoundOptions, configure
from ml.config import Sampling
from ml.presets import PRESETS
from tests import factories
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels


def preview(db: Database, **wishes: Any) -> round_preview.Preview:
    with db.reading() as session:
        return round_preview.preview(session, "tiny", RoundOptions(**wishes))


@pytest.mark.parametrize("strata", [(), (0, 0, 0, 1, 1, 2), (0, 1, 2, 3, 4, 5, 6), (0,) * 19])
@pytest.mark.parametrize("labels", [4, 14, 26])
def test_as_many_validate_as_was_foreseen(
    db: Database, add_labels: AddLabels, strata: tuple[int, ...], labels: int
) -> None:
    made = add_labels(labels)
    with db.transaction() as session:
        for specimen_id, stratum in zip(made, strata, strict=False):
            session.get_one(Specimen, specimen_id).stratum = stratum
    for _ in range(2):
        foreseen = preview(db).composition
        round_ = flow.start(db)
        sides = [label.split for label in flow.frozen(db, round_)]
        assert foreseen.validation == sides.count(Split.VALIDATION)
        assert foreseen.training == sides.count(Split.TRAINING)
        flow.finish(db, round_)
        add_labels(9)


def test_labels_are_counted_by_source_stratum_tag_and_origin(
    db: Database, blobs: FolderBlobs, person: Person, add_labels: AddLabels
) -> None:
    first = add_labels(4)
    flow.add_model(db, flow.start(db))
    with db.transaction() as session:
        other = factories.make_specimen(session, blobs, "other", source_code="OTHER")
        factories.make_version(session, blobs, other, person).origin = "upload:7"
        member = factories.make_specimen(session, blobs, "member")
        factories.make_version(session, blobs, member, person)
        factories.join_benchmark(session, member.id)
        session.get_one(Specimen, first[0]).stratum = 3
        tags.tag(session, person.id, [first[0], other.id], "pale", on=True)
    found = preview(db, draws=("mix",), hard_tags=("pale",)).composition
    assert (found.labels, found.new, found.kept_out) == (5, 1, 1)
    assert [(s.name, s.labels, s.new) for s in found.sources] == [("TEST", 4, 0), ("OTHER", 1, 1)]
    assert {(s.name, s.labels) for s in found.strata} == {("", 4), ("3", 1)}
    assert [(s.name, s.labels, s.new) for s in found.tags] == [("pale", 2, 1)]
    assert {(s.name, s.labels) for s in found.origins} == {("hand", 4), ("upload", 1)}
    assert 1 <= found.hard <= 2


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"draws": ("mix",)}, "Choose the tags"),
        ({"minority": 1}, "not in several wing-colour strata"),
        ({"seed": -1}, "The seed is a number"),
        ({"losses": ("dice",), "contour": True}, "needs a cross-entropy"),
        ({"start_model_id": 9}, "There is no model 9"),
        ({}, None),
    ],
)
def test_what_would_be_refused_is_said_before(
    db: Database, add_labels: AddLabels, wishes: dict[str, Any], sentence: str | None
) -> None:
    add_labels(5)
    found = preview(db, **wishes)
    assert (found.refusal is None) == (sentence is None)
    assert (sentence or "") in str(found.refusal or "")


def test_nothing_is_settled_by_looking(db: Database, add_labels: AddLabels) -> None:
    (first, *_) = add_labels(6)
    preview(db)
    with db.reading() as session:
        assert session.get_one(Specimen, first).split is None


def test_the_duration_is_known_from_trainings_of_the_same_network_on_the_same_device(
    db: Database, add_labels: AddLabels
) -> None:
    add_labels(6)
    assert preview(db).estimate is None
    paces = (0.2, 0.4)
    for pace in paces:
        round_ = flow.start(db)
        with db.transaction() as session:
            session.add(epoch(round_.id, seconds=10 * pace, pictures=10))
        flow.add_model(db, round_)
    found = preview(db).estimate
    assert found is not None
    (config,) = configure("tiny", RoundOptions()).values()
    pictures = config.batch * config.steps_per_epoch
    assert found.trainings == 2
    assert found.low_minutes == pytest.approx(0.2 * pictures / 60), "it may end after one epoch"
    assert found.high_minutes == pytest.approx(0.4 * pictures * config.epochs / 60)
    assert preview(db, network="unet16", from_scratch=True).estimate is None


def test_pictures_of_an_epoch_are_counted_with_the_hard_batches() -> None:
    sampling = Sampling("mix", sample_factor=3)
    assert sampling.steps(100, 10, batch=10, least_steps=1) == (10, 3)
    assert sampling.steps(100, 0, batch=10, least_steps=25) == (25, 0)


def test_chosen_network_losses_and_augmentation_reach_the_configuration() -> None:
    options = RoundOptions(
        network="unet16", losses=("focal", "tversky"), augmentation="strong", contour=False
    )
    (config,) = configure("unet64", options).values()
    assert config.network.base == 16
    assert [term.name for term in config.loss.terms] == ["focal", "tversky"]
    assert config.augmentation == PRESETS["lab"].augmentation


def epoch(round_id: int, *, seconds: float, pictures: int) -> Epoch:
    return Epoch(
        round_id=round_id,
        variant="random",
        number=1,
        train_loss=0.5,
        validation_loss=0.5,
        validation_dice=0.9,
        learning_rate=1e-3,
        seconds=seconds,
        pictures=pictures,
        device="CPU, 1 threads",
    )


def test_a_chosen_model_must_have_the_network(db: Database, add_labels: AddLabels) -> None:
    add_labels(4)
    model = flow.add_model(db, flow.start(db))
    with db.transaction() as session:
        options = RoundOptions(start_model_id=model.id)
        round_ = round_starting.start_round(session, preset="tiny", person_id=None, options=options)
        assert round_.start_model_id == model.id
    refusal = preview(db, start_model_id=model.id, network="unet16").refusal
    assert "has another network" in str(refusal)
