"""Trainings that are killed wherever they are, or find the disk full: nothing is left behind."""

import errno
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobState, Part, PartKind
from app.domain.labelling import Candidate
from app.domain.people import Person
from app.domain.rounds import Checkpoint, Round, TrainedModel
from app.domain.steering import LooseBlob
from app.services import models, resuming, round_repeating, sweeping
from app.settings import Settings
from ml.training.train import Trained
from tests.conftest import Drain
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from tests.service.rounds.killed import STAGES
from worker import training_care
from worker.context import Context
from worker.round_keeper import RoundKeeper

LONG_AGO = timedelta(hours=3)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what is tried here is the worker


@pytest.fixture
def served(context: Context, add_labels: AddLabels, person: Person, drain: Drain) -> TrainedModel:
    """The model that serves, of a round that nothing disturbed."""
    add_labels(6)
    round_ = flow.start(context.db)
    drain(context)
    with context.db.transaction() as session:
        model = models.serving(session)
        assert model is not None
        models.promote(session, model.id, person.id)
    assert model.round_id == round_.id
    return model


def repeat(db: Database, blobs: FolderBlobs, served: TrainedModel) -> Round:
    """A round that must come to the weights of the first one, and write them anew."""
    blobs.remove(served.weights_digest)
    with db.transaction() as session:
        return round_repeating.again(session, 1, person_id=None)


def let_time_pass(context: Context) -> None:
    """As if all that a killed worker left were long ago."""
    long_ago = context.db.clock() - LONG_AGO
    with context.db.transaction() as session:
        session.execute(update(Part).values(heartbeat_at=long_ago))
        session.execute(update(LooseBlob).values(created_at=long_ago))
    for left in (context.settings.blob_folder / "incoming").iterdir():
        os.utime(left, (0, 0))
    with context.db.transaction() as session:
        sweeping.sweep(session, context.heartbeat)


def assert_tidy(context: Context, blobs: FolderBlobs, before: set[str], round_: Round) -> None:
    """One model, the served one as it was, and no bytes that no row names."""
    db = context.db
    assert not list(context.settings.data.glob("training-*"))
    with db.reading() as session:
        made = session.scalars(select(TrainedModel).where(TrainedModel.round_id == round_.id)).one()
        candidates = session.scalars(select(Candidate).where(Candidate.model_id == made.id)).all()
        assert session.scalars(select(Checkpoint)).all() == []
        assert session.scalars(select(LooseBlob)).all() == []
    named = {made.weights_digest, made.card_digest}
    for candidate in candidates:
        named |= {candidate.digest, candidate.probability_digest or ""}
    assert flow.stored(blobs) - before <= named


@pytest.mark.parametrize("stage", STAGES)
def test_a_training_that_is_killed_leaves_nothing_and_ends_as_if_it_had_not_been(
    context: Context,
    settings: Settings,
    blobs: FolderBlobs,
    served: TrainedModel,
    drain: Drain,
    stage: str,
) -> None:
    round_ = repeat(context.db, blobs, served)
    before = flow.stored(blobs)
    command = [sys.executable, "-m", "tests.service.rounds.killed"]
    killed = subprocess.run(
        [*command, str(settings.data), settings.database_url, stage],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with context.db.reading() as session:
        serving = models.serving(session)
    assert serving is not None
    assert serving.id == served.id

    let_time_pass(context)
    training_care.care(context)
    drain(context)
    let_time_pass(context)
    training_care.care(context)
    assert flow.job_state(context.db, round_) is JobState.DONE
    assert flow.weights_of(context.db, round_) == served.weights_digest
    assert flow.epoch_numbers(context.db, round_) == [1, 2, 3]
    assert_tidy(context, blobs, before, round_)


def test_a_disk_that_is_full_when_the_weights_are_saved_is_a_sentence(
    context: Context,
    blobs: FolderBlobs,
    served: TrainedModel,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    round_ = repeat(context.db, blobs, served)
    before = flow.stored(blobs)
    model = RoundKeeper.model

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:

        def on_a_full_disk(keeper: RoundKeeper, trained: Trained) -> None:
            patch.setattr(FolderBlobs, "_publish", full)
            model(keeper, trained)

        patch.setattr(RoundKeeper, "model", on_a_full_disk)
        drain(context)
    assert flow.job_state(context.db, round_) is JobState.FAILED
    (part,) = flow.parts(context.db, round_, PartKind.TRAIN)
    assert part.message.startswith("The disk is full.")
    assert not list((context.settings.blob_folder / "incoming").iterdir())
    assert not list(context.settings.data.glob("training-*"))

    with context.db.transaction() as session:
        assert models.serving(session).id == served.id  # type: ignore[union-attr]
        resuming.resume(session, round_.job_id)
    drain(context)
    let_time_pass(context)
    training_care.care(context)
    assert flow.weights_of(context.db, round_) == served.weights_digest
    assert_tidy(context, blobs, before, round_)
