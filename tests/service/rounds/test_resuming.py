"""Trainings that are killed, cancelled, taken over or done twice."""

import pytest
from sqlalchemy import func, select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobState, PartKind
from app.domain.labelling import Candidate
from app.domain.rounds import Checkpoint, Round, TrainedModel
from app.domain.specimens import Specimen
from app.services import jobs, resuming, sweeping
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress, Progress, silent
from tests import factories
from tests.conftest import Drain, MovableClock
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from tests.service.rounds.flow import Killed, killed_after
from worker.context import Context
from worker.handlers import HANDLERS
from worker.jobs import predict, train
from worker.progress import Cancelled


def kill_training(context: Context, round_: Round, *, after_epoch: int) -> ClaimedPart:
    """A worker that claims the training, does some epochs and is never heard of again."""
    part = flow.claim(context.db, round_)
    with pytest.raises(Killed):
        train.run(context, part, killed_after(after_epoch))
    return part


def sweep_after_silence(context: Context, clock: MovableClock) -> None:
    clock.move(seconds=61)
    with context.db.transaction() as session:
        sweeping.sweep(session, context.heartbeat)


def cancel(db: Database, round_: Round) -> None:
    with db.transaction() as session:
        jobs.cancel(session, round_.job_id)


def resume(db: Database, round_: Round) -> None:
    with db.transaction() as session:
        resuming.resume(session, round_.job_id)


def count(db: Database, mapped: type[Checkpoint | TrainedModel | Candidate]) -> int:
    with db.reading() as session:
        return session.scalars(select(func.count()).select_from(mapped)).one()


def test_a_killed_training_goes_on_and_ends_with_the_same_weights(
    context: Context,
    clock: MovableClock,
    blobs: FolderBlobs,
    add_labels: AddLabels,
    drain: Drain,
) -> None:
    add_labels(6)
    before = flow.stored(blobs)
    killed = flow.start(context.db)
    kill_training(context, killed, after_epoch=2)
    assert flow.epoch_numbers(context.db, killed) == [1, 2]
    assert len(flow.stored(blobs) - before) == 1  # the last checkpoint
    assert not list(context.settings.data.glob("training-*"))
    sweep_after_silence(context, clock)
    drain(context)
    assert flow.epoch_numbers(context.db, killed) == [1, 2, 3]
    assert count(context.db, Checkpoint) == 0

    unbroken = flow.start(context.db)
    drain(context)
    assert flow.weights_of(context.db, killed) == flow.weights_of(context.db, unbroken)


def test_a_worker_that_died_after_storing_the_model_costs_no_second_training(
    context: Context, clock: MovableClock, add_labels: AddLabels, drain: Drain
) -> None:
    add_labels(4)
    round_ = flow.start(context.db)
    train.run(context, flow.claim(context.db, round_), silent)  # and nobody says it is finished
    sweep_after_silence(context, clock)
    part = flow.claim(context.db, round_)
    train.run(context, part, killed_after(0))  # would raise if it trained
    with context.db.transaction() as session:
        jobs.finish(session, part)
    drain(context)
    assert count(context.db, TrainedModel) == 1
    assert len(flow.parts(context.db, round_, PartKind.PREDICT)) == 1
    assert flow.job_state(context.db, round_) == JobState.DONE


def test_a_worker_that_lost_its_training_stores_nothing_more(
    context: Context, clock: MovableClock, add_labels: AddLabels
) -> None:
    add_labels(4)
    round_ = flow.start(context.db)
    lost = flow.claim(context.db, round_)
    sweep_after_silence(context, clock)
    flow.claim(context.db, round_)
    with pytest.raises(Cancelled):
        train.run(context, lost, silent)
    assert flow.epoch_numbers(context.db, round_) == []


def test_a_round_that_is_cancelled_while_queued_never_trains(
    context: Context, add_labels: AddLabels, drain: Drain
) -> None:
    add_labels(4)
    round_ = flow.start(context.db)
    cancel(context.db, round_)
    assert drain(context) == 0
    assert flow.epoch_numbers(context.db, round_) == []


def test_a_round_that_is_cancelled_while_training_stops_and_can_be_gone_on_with(
    context: Context, add_labels: AddLabels, drain: Drain
) -> None:
    def cancelled_in_third_epoch(
        context: Context, part: ClaimedPart, on_progress: OnProgress
    ) -> None:
        def watch(progress: Progress) -> None:
            if progress.stage == "train" and progress.done == 2 * flow.QUICK.steps_per_epoch + 1:
                cancel(context.db, round_)
            on_progress(progress)

        train.run(context, part, watch)

    add_labels(4)
    round_ = flow.start(context.db)
    drain(context, {PartKind.TRAIN: cancelled_in_third_epoch})
    assert flow.job_state(context.db, round_) == JobState.CANCELLED
    assert flow.epoch_numbers(context.db, round_) == [1, 2]
    assert flow.model_of(context.db, round_) is None
    assert flow.parts(context.db, round_, PartKind.PREDICT) == []

    resume(context.db, round_)
    drain(context)
    assert flow.job_state(context.db, round_) == JobState.DONE
    assert flow.epoch_numbers(context.db, round_) == [1, 2, 3]


def test_a_checkpoint_that_two_rounds_share_outlives_the_first(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, drain: Drain
) -> None:
    """The same labels and the same seed give the same bytes, which are stored once."""
    add_labels(4)
    first = flow.start(context.db)
    kill_training(context, first, after_epoch=1)
    cancel(context.db, first)
    flow.start(context.db)
    drain(context)
    with context.db.reading() as session:
        kept = session.scalars(select(Checkpoint)).one()
    assert kept.round_id == first.id
    assert blobs.read(kept.digest)
    resume(context.db, first)
    drain(context)
    assert flow.job_state(context.db, first) == JobState.DONE


def test_predictions_that_are_made_twice_are_stored_once(
    context: Context, add_labels: AddLabels, drain: Drain
) -> None:
    add_labels(4)
    round_ = flow.start(context.db)
    drain(context)
    before = count(context.db, Candidate)
    with context.db.transaction() as session:
        for part in flow.parts(context.db, round_, PartKind.PREDICT):
            session.merge(part).state = JobState.QUEUED
    assert drain(context) == 1
    assert count(context.db, Candidate) == before


def test_a_killed_prediction_goes_on_after_what_it_had_stored(
    context: Context,
    clock: MovableClock,
    add_labels: AddLabels,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def kill_at_the_fourth(progress: Progress) -> None:
        if progress.done >= 4:
            raise Killed

    monkeypatch.setattr(predict, "BATCH", 2)
    add_labels(6)
    before = count(context.db, Candidate)
    round_ = flow.start(context.db)
    drain(context, {PartKind.TRAIN: train.run, PartKind.PREDICT: _later})
    part = _claim_prediction(context.db, round_)
    with pytest.raises(Killed):
        predict.run(context, part, kill_at_the_fourth)
    assert count(context.db, Candidate) == before + 4
    sweep_after_silence(context, clock)
    drain(context)
    assert count(context.db, Candidate) == before + 6


def test_what_was_cropped_anew_during_prediction_gets_no_mask_of_the_old_crop(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, drain: Drain
) -> None:
    def recrop_then_predict(context: Context, part: ClaimedPart, _: OnProgress) -> None:
        def recrop(_progress: Progress) -> None:
            with context.db.transaction() as session:
                specimen = session.get_one(Specimen, recropped)
                factories.make_crop(session, blobs, specimen)

        predict.run(context, part, recrop)

    recropped, *others = add_labels(4)
    flow.start(context.db)
    drain(context, {**HANDLERS, PartKind.PREDICT: recrop_then_predict})
    with context.db.reading() as session:
        predicted = session.scalars(
            select(Candidate.specimen_id).where(Candidate.model_id.is_not(None))
        ).all()
    assert sorted(predicted) == sorted(others)


def _later(_context: Context, _part: ClaimedPart, _on_progress: OnProgress) -> None:
    """Stands for a worker that takes the part and is gone."""


def _claim_prediction(db: Database, round_: Round) -> ClaimedPart:
    with db.transaction() as session:
        (part,) = flow.parts(db, round_, PartKind.PREDICT)
        session.merge(part).state = JobState.QUEUED
    return flow.claim(db, round_, PartKind.PREDICT)
