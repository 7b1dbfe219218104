"""On which labels a trained model is measured, and what comes of it."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobKind, JobState, PartKind
from app.domain.labelling import Candidate
from app.domain.people import Person
from app.domain.rounds import Measurement, TrainedModel
from app.domain.specimens import Specimen, Split
from app.errors import NotFound, Refused
from app.services import measuring, rounds
from app.services.predictions import origin_of
from ml.metrics.figures import figures
from tests import factories
from tests.conftest import Drain, MovableClock
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from worker.context import Context
from worker.jobs import measure as measure_job
from worker.runner import Handler

HANDLERS: Mapping[PartKind, Handler] = {
    PartKind.TRAIN: lambda *_: None,  # `flow.add_model` has brought the model
    PartKind.MEASURE: measure_job.run,
}


def predict(db: Database, blobs: FolderBlobs, model: TrainedModel, grown: int = 2) -> None:
    """A mask of the model for every specimen, a little too large."""
    with db.transaction() as session:
        for specimen in session.scalars(select(Specimen).order_by(Specimen.id)):
            factories.make_candidate(
                session, blobs, specimen, origin_of(model.id), grown=grown, model_id=model.id
            )


def redraw(db: Database, blobs: FolderBlobs, specimen_id: int, person: Person) -> int:
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        return factories.make_version(session, blobs, specimen, person, grown=1).id


def set_aside(db: Database, specimen_id: int, unusable: bool) -> None:
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        specimen.unusable = unusable
        specimen.settle()


def measured(db: Database, model: TrainedModel) -> dict[int, Measurement]:
    """By specimen."""
    with db.reading() as session:
        query = (
            select(Specimen.id, Measurement)
            .join(Measurement, Measurement.version_id == Specimen.version_id)
            .where(Measurement.model_id == model.id)
        )
        return dict(session.execute(query).all())


def measure(context: Context, model: TrainedModel, drain: Drain) -> None:
    with context.db.transaction() as session:
        measuring.start(session, model.id, None)
    drain(context, HANDLERS)


def split_of(db: Database) -> dict[int, Split]:
    with db.reading() as session:
        rows = session.execute(select(Specimen.id, Specimen.split)).all()
    return {specimen_id: split for specimen_id, split in rows if split is not None}


def test_a_round_ends_with_its_model_measured_on_what_it_never_saw(
    context: Context, add_labels: AddLabels, drain: Drain
) -> None:
    hard, *others = add_labels(7)
    with context.db.transaction() as session:
        factories.join_benchmark(session, hard)
    round_ = flow.start(context.db)
    drain(context)
    assert flow.job_state(context.db, round_) is JobState.DONE
    model = flow.model_of(context.db, round_)
    assert model is not None
    sides = split_of(context.db)
    validating = {id_ for id_, split in sides.items() if split is Split.VALIDATION}
    found = measured(context.db, model)
    assert set(found) == {hard, *validating}
    assert validating <= set(others)
    assert found[hard].split is None
    assert {found[id_].split for id_ in validating} == {Split.VALIDATION}
    assert all(0 <= each.dice <= 1 for each in found.values())


def test_the_figures_are_those_of_the_two_masks(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, drain: Drain
) -> None:
    db = context.db
    add_labels(4)
    model = flow.add_model(db, flow.start(db))
    predict(db, blobs, model, grown=3)
    measure(context, model, drain)
    expected = figures(factories.moth_mask(3), factories.moth_mask())
    (found,) = measured(db, model).values()
    assert found.dice == pytest.approx(expected.dice)
    assert found.boundary_f == pytest.approx(expected.boundary_f)
    assert found.mean_pixel_accuracy == pytest.approx(expected.mean_pixel_accuracy)
    assert found.hausdorff_95 == pytest.approx(expected.hausdorff_95)


def test_a_label_that_was_made_with_the_models_mask_in_view_says_nothing_of_it(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, person: Person,
    drain: Drain, clock: MovableClock,
) -> None:  # fmt: skip
    db = context.db
    add_labels(4)
    model = flow.add_model(db, flow.start(db))
    with db.transaction() as session:
        seen = factories.make_specimen(session, blobs, "seen").id
    predict(db, blobs, model)
    clock.move(seconds=60)
    redraw(db, blobs, seen, person)
    measure(context, model, drain)
    assert seen not in measured(db, model)


def test_a_label_that_was_corrected_is_measured_again(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, person: Person,
    drain: Drain, clock: MovableClock,
) -> None:  # fmt: skip
    db = context.db
    add_labels(4)
    model = flow.add_model(db, flow.start(db))
    predict(db, blobs, model, grown=1)
    measure(context, model, drain)
    ((specimen_id, first),) = measured(db, model).items()
    clock.move(seconds=60)
    corrected = redraw(db, blobs, specimen_id, person)
    assert measured(db, model) == {}
    measure(context, model, drain)
    again = measured(db, model)[specimen_id]
    assert (again.version_id, again.dice) == (corrected, 1)
    assert first.dice < 1
    with db.transaction() as session, pytest.raises(Refused, match="on every label"):
        measuring.start(session, model.id, None)


def test_a_label_that_is_its_own_mask_says_nothing_of_a_model(
    db: Database, blobs: FolderBlobs, add_labels: AddLabels, person: Person, clock: MovableClock
) -> None:
    ids = add_labels(4)
    model = flow.add_model(db, flow.start(db))
    predict(db, blobs, model)
    clock.move(seconds=60)
    with db.transaction() as session:
        for candidate in session.scalars(select(Candidate).where(Candidate.model_id == model.id)):
            specimen = session.get_one(Specimen, candidate.specimen_id)
            version = factories.make_version(session, blobs, specimen, person)
            version.candidate_id, version.model_id = candidate.id, model.id
    with db.reading() as session:
        assert measuring.still_to_measure(session, model.id, ids) == []


def test_measuring_later_is_a_job_of_its_own_and_no_round_waits_for_it(
    db: Database, blobs: FolderBlobs, add_labels: AddLabels
) -> None:
    add_labels(4)
    model = flow.add_model(db, flow.start(db))
    predict(db, blobs, model)
    with db.transaction() as session:
        assert measuring.start(session, model.id, None).kind is JobKind.MEASUREMENTS
        assert rounds.running(session) is None


def test_what_an_earlier_round_trained_on_is_not_new_to_a_later_model(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, drain: Drain
) -> None:
    db = context.db
    add_labels(4)
    first = flow.start(db)
    flow.finish(db, first)
    trained = next(id_ for id_, split in split_of(db).items() if split is Split.TRAINING)
    set_aside(db, trained, True)  # so that the next round leaves it out
    add_labels(1)
    model = flow.add_model(db, flow.start(db))
    set_aside(db, trained, False)
    predict(db, blobs, model)
    measure(context, model, drain)
    assert trained not in measured(db, model)


def test_measuring_twice_changes_nothing(
    db: Database, blobs: FolderBlobs, add_labels: AddLabels
) -> None:
    ids = add_labels(4)
    round_ = flow.start(db)
    model = flow.add_model(db, round_)
    predict(db, blobs, model)
    with db.reading() as session:
        pairs = measuring.still_to_measure(session, model.id, ids)
    found = [
        measuring.Measured(pair, figures(factories.moth_mask(), factories.moth_mask()))
        for pair in pairs
    ]
    for _ in range(2):
        with db.transaction() as session:
            measuring.store(session, model.id, found)
    assert len(measured(db, model)) == 1
    assert flow.parts(db, round_, PartKind.MEASURE) == []


def test_a_model_that_does_not_exist_cannot_be_measured(db: Database) -> None:
    with db.transaction() as session, pytest.raises(NotFound):
        measuring.start(session, 7, None)
