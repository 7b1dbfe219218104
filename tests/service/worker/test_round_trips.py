"""Celery as it really runs: messages over each transport, to workers that are processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobState, Part
from app.domain.specimens import Specimen, SpecimenState
from app.queue import CeleryPublisher, make_celery
from app.services import jobs, photograph_imports
from app.services.folders import Incoming
from app.settings import Settings
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import encode_png
from tests.service.worker.processes import running_worker, wait_until


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Settings:
    broker = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    return Settings(
        data=tmp_path / "data",
        database_url=database_url,
        broker_url=broker,
        heartbeat_seconds=3,
        sweep_seconds=0.5,
    )


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    """With the true clock and the true way to the workers."""
    database = Database(settings.database, CeleryPublisher(make_celery(settings)))
    yield database
    database.close()


def import_drawn(db: Database, blobs: FolderBlobs, count: int) -> int:
    pictures = [encode_png(draw_specimen(n, width=300, height=220).pixels) for n in range(count)]
    files = [Incoming(f"moth-{n}.png", [picture]) for n, picture in enumerate(pictures)]
    return photograph_imports.start(db, blobs, files, "TEST")


def has_ended(db: Database, job_id: int) -> bool:
    with db.reading() as session:
        return not jobs.get_job(session, job_id).is_open


@pytest.mark.parametrize(
    ("database_kind", "settings"),
    [("sqlite", "files"), ("postgresql", "redis")],
    indirect=True,
)
def test_an_import_travels_through_a_worker(
    settings: Settings, db: Database, blobs: FolderBlobs
) -> None:
    with running_worker(settings):
        job_id = import_drawn(db, blobs, 2)
        wait_until(lambda: has_ended(db, job_id), settings)
    with db.reading() as session:
        assert jobs.get_job(session, job_id).state is JobState.DONE
        states = session.scalars(select(Specimen.state)).all()
    assert states == [SpecimenState.PROPOSED] * 2


@pytest.mark.parametrize(("database_kind", "settings"), [("sqlite", "files")], indirect=True)
def test_what_a_killed_worker_was_doing_is_done_by_another(
    settings: Settings, db: Database, blobs: FolderBlobs
) -> None:
    def runs() -> bool:
        with db.reading() as session:
            running = select(func.count(Part.id)).where(Part.state == JobState.RUNNING)
            return session.scalars(running).one() > 0

    job_id = import_drawn(db, blobs, 3)
    with running_worker(settings, "killed") as killed:
        wait_until(runs, settings)
        killed.kill()
        killed.wait()
    assert runs()
    with running_worker(settings, "second"):
        wait_until(lambda: has_ended(db, job_id), settings)
    with db.reading() as session:
        assert jobs.get_job(session, job_id).state is JobState.DONE
        assert session.scalars(select(func.max(Part.attempts))).one() > 1
