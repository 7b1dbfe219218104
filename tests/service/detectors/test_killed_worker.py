"""A real worker that is killed while a detector is trained, and the one that takes it over."""

import signal
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.detectors import DetectorRound, TrainedDetector
from app.domain.jobs import JobState, Part
from app.queue import CeleryPublisher, make_celery
from app.services import detector_rounds
from app.services.detector_rounds import DetectorWishes
from app.settings import Settings
from tests.conftest import Drain
from tests.service.detectors import flow
from tests.service.worker.processes import running_worker, wait_until
from worker.context import Context

LONG = replace(flow.QUICK, steps=60, validations=30)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what is tried here is the worker


@pytest.fixture(autouse=True)
def as_workers_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def start(db: Database) -> DetectorRound:
    with db.transaction() as session:
        wishes = DetectorWishes(begin="scratch")
        round_ = detector_rounds.start(session, person_id=None, wishes=wishes)
        round_.config = asdict(LONG)
        return round_


def let_time_pass(db: Database, round_: DetectorRound) -> None:
    """As if the worker had been silent for so long that the others take its part."""
    with db.transaction() as session:
        part = session.scalars(select(Part).where(Part.job_id == round_.job_id)).one()
        assert part.heartbeat_at is not None
        part.heartbeat_at -= timedelta(minutes=5)


def test_another_worker_ends_what_a_killed_one_began(
    settings: Settings, blobs: FolderBlobs, drain: Drain
) -> None:
    quick = settings.model_copy(update={"sweep_seconds": 0.2})
    db = Database(settings.database, CeleryPublisher(make_celery(settings)))
    flow.add_boxes(db, blobs, 20)
    round_ = start(db)
    with running_worker(quick, "killed") as worker:
        wait_until(lambda: len(flow.points(db, round_)) >= 3, quick)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert flow.job_of(db, round_).state is JobState.RUNNING
    assert flow.round_of(db, round_).checkpoint_digest is not None
    assert flow.detector_of(db, round_) is None

    let_time_pass(db, round_)
    with running_worker(quick, "second"):
        wait_until(lambda: flow.job_of(db, round_).state is JobState.DONE, quick)
    assert [point.step for point in flow.points(db, round_)] == list(range(2, 61, 2))
    with db.reading() as session:
        assert len(session.scalars(select(TrainedDetector)).all()) == 1

    unbroken = start(db)
    drain(Context(settings=settings, db=db, blobs=blobs))
    assert flow.weights_of(db, round_) == flow.weights_of(db, unbroken)
    db.close()
