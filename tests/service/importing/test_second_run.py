"""A second import of the same folder does only what is missing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.cli.workspace import make_database
from app.db import Database
from app.domain.jobs import Job, JobKind, JobState, Part, PartKind
from app.domain.photographs import ImportedFile, Outcome, Photograph
from app.domain.specimens import Specimen
from app.errors import Conflict, Refused
from app.services import jobs, photograph_imports, staging, sweeping
from app.services.folders import FilesAt, Incoming
from app.settings import Settings
from ml.progress import Progress
from tests.conftest import Drain, MovableClock
from tests.service.importing import flow
from tests.service.importing.flow import photograph
from worker.context import Context, make_context

MANY = 300
SECONDS = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "photographs"
    for name in ("a.png", "b.png", "drawer 1/c.png"):
        file = made / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(photograph(len(name) + ord(name[0])))
    return made


def run(context: Context, drain: Drain, folder: Path) -> tuple[dict[str, str], int]:
    """What became of the files that were read, and how many were passed over."""
    job_id = photograph_imports.start_paths(context.db, context.blobs, [folder], "TEST")
    drain(context, flow.HANDLERS)
    ended = {name: file.outcome.value for name, file in flow.ended(context, job_id).items()}
    return ended, flow.job_of(context, job_id).result.get("known", 0)


def test_nothing_is_read_again_but_what_came_changed_or_was_refused(
    context: Context, drain: Drain, folder: Path
) -> None:
    (folder / "bad.png").write_bytes(b"no picture")
    first, passed_over = run(context, drain, folder)
    assert (len(first), passed_over) == (4, 0)

    (folder / "new.png").write_bytes(photograph(77))
    (folder / "b.png").write_bytes(photograph(78))
    os.utime(folder / "b.png", ns=(1, 1))
    second, passed_over = run(context, drain, folder)

    assert second == {
        "photographs/b.png": "conflict",
        "photographs/bad.png": "refused",
        "photographs/new.png": "new",
    }
    assert passed_over == 2


def test_another_source_does_not_pass_them_over(
    context: Context, drain: Drain, folder: Path
) -> None:
    run(context, drain, folder)
    job_id = photograph_imports.start_paths(context.db, context.blobs, [folder], "OTHER")
    drain(context, flow.HANDLERS)
    assert {file.outcome for file in flow.ended(context, job_id).values()} == {Outcome.DUPLICATE}


def test_what_waits_in_a_cancelled_import_is_read_again(
    context: Context, drain: Drain, folder: Path
) -> None:
    job_id = photograph_imports.start_paths(context.db, context.blobs, [folder], "TEST")
    with context.db.transaction() as session:
        jobs.cancel(session, job_id)
    ended, passed_over = run(context, drain, folder)
    assert (set(ended.values()), len(ended), passed_over) == ({"new"}, 3, 0)


def test_what_waits_for_a_worker_is_not_read_again(
    context: Context, drain: Drain, folder: Path
) -> None:
    photograph_imports.start_paths(context.db, context.blobs, [folder], "TEST")
    ended, passed_over = run(context, drain, folder)
    assert (ended, passed_over) == ({}, 3)
    assert flow.count(context, Specimen) == 3


def test_the_page_sees_how_far_it_is_and_a_cancellation_stops_it(context: Context) -> None:
    class Cancelling:
        told: Progress | None = None

        def __call__(self, progress: Progress) -> None:
            self.told = progress
            with context.db.transaction() as session:
                job = session.scalars(select(Job)).one()
                if job.state is not JobState.CANCELLED:
                    jobs.cancel(session, job.id)

    watcher = Cancelling()
    files = [Incoming(f"{seed}.png", (photograph(seed),)) for seed in range(40)]
    staging_seconds, staging.BEAT_SECONDS = staging.BEAT_SECONDS, 0.0
    try:
        with pytest.raises(Conflict, match="was cancelled"):
            photograph_imports.start(context.db, context.blobs, files, "TEST", on_progress=watcher)
    finally:
        staging.BEAT_SECONDS = staging_seconds
    assert watcher.told is not None
    assert (watcher.told.stage, watcher.told.total) == ("staging", 40)
    assert flow.count(context, ImportedFile) < 40


def test_an_import_whose_process_died_ends_with_a_sentence(
    context: Context, clock: MovableClock, drain: Drain
) -> None:
    with context.db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        staging.begin(session, job.id)
    clock.move(seconds=61)
    with context.db.transaction() as session:
        sweeping.sweep(session, context.heartbeat)
    drain(context, flow.HANDLERS)
    assert flow.job_of(context, job.id).state is JobState.FAILED
    assert "Start the same import again" in flow.job_of(context, job.id).message


def test_folders_are_walked_without_being_held(folder: Path) -> None:
    walk = iter(FilesAt([folder]))
    first = next(walk)
    (folder / "drawer 1" / "d.png").write_bytes(photograph(5))
    assert [first.name, *(file.name for file in walk)] == [
        "photographs/a.png",
        "photographs/b.png",
        "photographs/drawer 1/c.png",
        "photographs/drawer 1/d.png",
    ]
    assert len(FilesAt([folder, folder / "a.png"])) == 5


def test_a_folder_that_cannot_be_read_is_named(
    context: Context, drain: Drain, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def locked(path: Path) -> object:
        if Path(path).name == "drawer 1":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    ended, _ = run(context, drain, folder)
    assert ended["photographs/drawer 1"] == "refused"
    assert ended["photographs/a.png"] == "new"


def test_files_of_the_same_name_from_two_folders_are_told_apart(
    context: Context, drain: Drain, tmp_path: Path
) -> None:
    for top in ("x", "y"):
        (tmp_path / top / "moths").mkdir(parents=True)
        (tmp_path / top / "moths" / "a.png").write_bytes(photograph(ord(top)))
    paths = [tmp_path / "x" / "moths", tmp_path / "y" / "moths"]
    job_id = photograph_imports.start_paths(context.db, context.blobs, paths, "TEST")
    drain(context, flow.HANDLERS)
    assert {name: file.outcome.value for name, file in flow.ended(context, job_id).items()} == {
        "moths/a.png": "new",
        "moths/a.png (2)": "conflict",
    }


def test_killed_in_the_middle_and_started_again(tmp_path: Path, drain: Drain) -> None:
    """Real processes and SIGKILL: nothing is missing, and nothing is there twice."""
    folder, data = tmp_path / "photographs", tmp_path / "data"
    folder.mkdir()
    for seed in range(MANY):
        (folder / f"{seed:03}.png").write_bytes(photograph(seed))
    settings = Settings(data=data)
    database = make_database(settings)
    killed = _import(folder, data)
    _wait_for_some(database, killed)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    with database.reading() as session:
        before = session.scalar(select(func.count(ImportedFile.id)))
    assert 0 < (before or 0) < MANY

    again = _import(folder, data)
    assert again.wait(SECONDS) == 0
    drain(make_context(settings), flow.HANDLERS)

    with database.reading() as session:
        assert session.scalar(select(func.count(ImportedFile.id))) == MANY
        assert session.scalar(select(func.count(Photograph.id))) == MANY
        assert session.scalar(select(func.count(Specimen.id))) == MANY
        crops = select(func.count(Part.id)).where(Part.kind == PartKind.CROP)
        assert session.scalar(crops) == MANY
        outcomes = session.scalars(select(ImportedFile.outcome).distinct()).all()
        assert outcomes == [Outcome.NEW]
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    database.close()


def _import(folder: Path, data: Path) -> subprocess.Popen[bytes]:
    mothmask = Path(sys.executable).with_name("mothmask")
    arguments = ["import", str(folder), "--source", "TEST", "--data", str(data)]
    return subprocess.Popen([str(mothmask), *arguments], stdout=subprocess.DEVNULL)


def _wait_for_some(database: Database, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while process.poll() is None:
        with database.reading() as session:
            if (session.scalar(select(func.count(ImportedFile.id))) or 0) >= 24:
                return
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_an_empty_folder_starts_nothing(context: Context, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(Refused, match="nothing to import"):
        photograph_imports.start_paths(context.db, context.blobs, [empty], "TEST")
