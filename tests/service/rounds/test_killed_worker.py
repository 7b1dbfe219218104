"""A real worker that is killed or stopped within a training, and the one that takes it over."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from app.blobs import FolderBlobs
from app.cli.processes import worker_command
from app.db import Database
from app.domain.jobs import JobState, PartKind
from app.domain.rounds import Round
from app.queue import CeleryPublisher, make_celery
from app.services import round_keeping, round_starting
from app.settings import Settings
from tests.conftest import Drain
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from worker.context import Context

LONG = replace(flow.QUICK, epochs=25)
SECONDS_TO_WAIT = 100


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what is tried here is the worker


@contextmanager
def running_worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "MOTHMASK_DATA": str(settings.data),
        "MOTHMASK_DATABASE_URL": settings.database_url,
        "MOTHMASK_SWEEP_SECONDS": "0.2",
        "MOTHMASK_STOP_SECONDS": "0",
        "OMP_NUM_THREADS": "1",
    }
    with (settings.data / "worker.log").open("ab") as log:
        worker = subprocess.Popen(
            worker_command("test"), env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def wait_until(happened: Callable[[], bool], settings: Settings) -> None:
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while not happened():
        if time.monotonic() > deadline:
            pytest.fail((settings.data / "worker.log").read_text())
        time.sleep(0.02)


def checkpointed_epoch(db: Database, round_: Round) -> int:
    with db.reading() as session:
        checkpoint = round_keeping.find_checkpoint(session, round_.id, "random")
    return checkpoint.epoch if checkpoint is not None else 0


def let_time_pass(db: Database, round_: Round) -> None:
    """As if the worker had been silent for so long that the others take its part."""
    with db.transaction() as session:
        for part in flow.parts(db, round_, PartKind.TRAIN):
            assert part.heartbeat_at is not None
            session.merge(part).heartbeat_at = part.heartbeat_at - timedelta(minutes=5)


def start_long(db: Database) -> Round:
    with db.transaction() as session:
        round_ = round_starting.start_round(session, preset="tiny", person_id=None)
        round_.configs, round_.start_model_id = {"random": asdict(LONG)}, None
    return round_


def test_another_worker_ends_what_a_killed_one_began(
    settings: Settings, blobs: FolderBlobs, add_labels: AddLabels, drain: Drain
) -> None:
    db = Database(settings.database, CeleryPublisher(make_celery(settings)))
    add_labels(6)
    round_ = start_long(db)
    with running_worker(settings) as worker:
        wait_until(lambda: checkpointed_epoch(db, round_) >= 3, settings)
        worker.send_signal(signal.SIGKILL)
    assert flow.job_state(db, round_) == JobState.RUNNING
    assert 3 <= checkpointed_epoch(db, round_) < LONG.epochs

    let_time_pass(db, round_)
    with running_worker(settings):
        wait_until(lambda: flow.job_state(db, round_) == JobState.DONE, settings)
    assert flow.epoch_numbers(db, round_) == list(range(1, LONG.epochs + 1))

    unbroken = start_long(db)
    drain(Context(settings=settings, db=db, blobs=blobs))
    assert flow.weights_of(db, round_) == flow.weights_of(db, unbroken)
    db.close()


def test_what_a_stopped_worker_hands_back_is_taken_up_at_once(
    settings: Settings, add_labels: AddLabels
) -> None:
    db = Database(settings.database, CeleryPublisher(make_celery(settings)))
    add_labels(6)
    round_ = start_long(db)

    def training() -> tuple[JobState, int]:
        (part,) = flow.parts(db, round_, PartKind.TRAIN)
        return part.state, part.attempts

    with running_worker(settings) as worker:
        wait_until(lambda: checkpointed_epoch(db, round_) >= 3, settings)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(SECONDS_TO_WAIT) == 0
    assert training() == (JobState.QUEUED, 0)
    with running_worker(settings):
        wait_until(lambda: training()[0] is JobState.DONE, settings)
    assert training() == (JobState.DONE, 1)
    assert flow.epoch_numbers(db, round_) == list(range(1, LONG.epochs + 1))
    db.close()
