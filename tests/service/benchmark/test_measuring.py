"""Every model is measured on every member, but for labels that are its own mask."""

from collections.abc import Mapping, Sequence

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import PartKind
from app.domain.labelling import Decision
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.services import benchmark_figures, benchmark_measuring, labelling, restoring
from app.services.labelling import NewDecision, NewMask
from app.services.restoring import NewRestoration
from ml.imaging.masks import encode_mask
from tests import factories
from tests.conftest import Drain, MovableClock
from tests.service.benchmark.conftest import AddModels, join, predict
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels, one_thread
from worker.context import Context
from worker.jobs import measure
from worker.runner import Handler

__all__ = ["one_thread"]

MEASURING: Mapping[PartKind, Handler] = {
    PartKind.TRAIN: lambda *_: None,  # `flow.add_model` has brought the models
    PartKind.MEASURE: measure.run,
}


def predict_all(
    db: Database, blobs: FolderBlobs, models: Sequence[int], specimens: Sequence[int]
) -> None:
    for model_id in models:
        for specimen_id in specimens:
            predict(db, blobs, model_id, specimen_id, grown=model_id)


def measured(db: Database) -> dict[tuple[int, int], float]:
    """Dice by model and specimen."""
    with db.reading() as session:
        return {key: figure.dice for key, figure in benchmark_figures.figures(session).items()}


def measure_again(context: Context, drain: Drain) -> None:
    with context.db.transaction() as session:
        benchmark_measuring.notice(session, None)
    drain(context, MEASURING)


def draw(db: Database, blobs: FolderBlobs, person: Person, specimen_id: int, name: str) -> None:
    """As the editor saves it."""
    digest = blobs.put(encode_mask(factories.moth_mask(1)))
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        assert specimen.crop_id is not None
        mask = NewMask(name, "hand", digest, specimen.crop_id, specimen.version_id)
        labelling.save_mask(session, person.id, specimen_id, mask)


def accept(db: Database, person: Person, specimen_id: int, candidate_id: int) -> int:
    """Returns the label version."""
    with db.transaction() as session:
        parent_id = session.get_one(Specimen, specimen_id).version_id
        wanted = NewDecision(
            "accept-it", Decision.ACCEPT, parent_id=parent_id, candidate_id=candidate_id
        )
        review = labelling.decide(session, person.id, specimen_id, wanted)
        assert review.version_id is not None
        return review.version_id


def bring_back(
    db: Database, blobs: FolderBlobs, person: Person, specimen_id: int, version_id: int
) -> None:
    with db.transaction() as session:
        parent_id = session.get_one(Specimen, specimen_id).version_id
        wanted = NewRestoration("bring-back", version_id, parent_id)
        earlier = restoring.find(session, specimen_id, wanted)
        digest = restoring.store(blobs, earlier)
        restoring.restore(
            session, person.id, specimen_id, wanted, digest=digest, crop_id=earlier.crop.id
        )


def test_a_specimen_that_joins_is_predicted_and_measured_by_every_model(
    context: Context, blobs: FolderBlobs, person: Person, add_labels: AddLabels, drain: Drain
) -> None:
    db = context.db
    add_labels(5)
    for _ in range(2):
        flow.start(db)
        drain(context)
    with db.transaction() as session:
        fresh = factories.make_specimen(session, blobs, "fresh").id
    join(db, person, fresh)
    draw(db, blobs, person, fresh, "first-one")
    drain(context)
    assert set(measured(db)) == {(1, fresh), (2, fresh)}
    assert all(0 <= dice <= 1 for dice in measured(db).values())


def test_a_label_that_came_after_the_masks_counts_here(
    context: Context, blobs: FolderBlobs, person: Person, members: list[int],
    add_models: AddModels, drain: Drain, clock: MovableClock,
) -> None:  # fmt: skip
    """Unlike elsewhere: see `tests.service.rounds.test_measuring`."""
    (model,) = add_models(1)
    with context.db.transaction() as session:
        fresh = factories.make_specimen(session, blobs, "fresh").id
    predict_all(context.db, blobs, [model], [*members, fresh])
    clock.move(seconds=60)
    join(context.db, person, fresh)
    draw(context.db, blobs, person, fresh, "after-it")
    drain(context, MEASURING)
    assert set(measured(context.db)) == {(model, number) for number in [*members, fresh]}


def test_another_label_is_measured_anew(
    context: Context, blobs: FolderBlobs, person: Person, members: list[int],
    add_models: AddModels, drain: Drain,
) -> None:  # fmt: skip
    (model,) = add_models(1)
    predict_all(context.db, blobs, [model], members)
    measure_again(context, drain)
    before = measured(context.db)[model, members[0]]
    draw(context.db, blobs, person, members[0], "corrected")
    assert (model, members[0]) not in measured(context.db)
    drain(context, MEASURING)
    after = measured(context.db)[model, members[0]]
    assert before < after == 1, "the mask of model 1 is grown by 1, as what was drawn"


@pytest.mark.parametrize("way", ["accepted", "brought back", "together with another"])
def test_its_own_mask_says_nothing_of_a_model(
    context: Context, blobs: FolderBlobs, person: Person, members: list[int],
    add_models: AddModels, drain: Drain, way: str,
) -> None:  # fmt: skip
    db, (mine, other) = context.db, add_models(2)
    specimen_id = members[0]
    predict_all(db, blobs, [mine, other], members[1:])
    predict(db, blobs, other, specimen_id, grown=4)
    own = predict(db, blobs, mine, specimen_id, grown=3)
    if way == "together with another":
        with db.transaction() as session:
            specimen = session.get_one(Specimen, specimen_id)
            origin = f"models:{mine}+9"
            own = factories.make_candidate(session, blobs, specimen, origin, grown=5).id
    version_id = accept(db, person, specimen_id, own)
    if way == "brought back":
        draw(db, blobs, person, specimen_id, "in-between")
        bring_back(db, blobs, person, specimen_id, version_id)
    drain(context, MEASURING)
    assert {key for key in measured(db) if key[1] == specimen_id} == {(other, specimen_id)}


def test_measuring_twice_changes_nothing(
    context: Context, blobs: FolderBlobs, members: list[int], add_models: AddModels, drain: Drain
) -> None:
    predict_all(context.db, blobs, add_models(2), members)
    measure_again(context, drain)
    first = measured(context.db)
    measure_again(context, drain)
    assert len(first) == 2 * len(members)
    assert measured(context.db) == first
