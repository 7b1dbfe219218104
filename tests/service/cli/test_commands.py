"""What the commands do, and the sentences with which they refuse."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.domain.jobs import Job, JobState
from app.domain.specimens import SpecimenState
from app.services import jobs
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import encode_png
from tests import factories
from tests.conftest import Drain
from tests.service.cli.conftest import Mothmask
from worker.context import Context


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    for seed in range(2):
        drawn = draw_specimen(seed, width=300, height=220)
        (folder / f"moth-{seed}.png").write_bytes(encode_png(drawn.pixels))
    return folder


@pytest.mark.parametrize("command", ["status", "train"])
def test_a_folder_without_data_is_named(mothmask: Mothmask, data: Path, command: str) -> None:
    outcome = mothmask(command)
    assert outcome.code == 1
    assert outcome.err.startswith(f"There is no Mothmask data in {data}.")


def test_status_counts_in_the_words_of_the_states(mothmask: Mothmask, context: Context) -> None:
    with context.db.transaction() as session:
        person = factories.make_person(session)
        labelled = factories.make_specimen(session, context.blobs, "a")
        factories.make_version(session, context.blobs, labelled, person)
        factories.make_specimen(session, context.blobs, "b")
    told = json.loads(mothmask("status", "--json").out)
    assert list(told["specimens"]) == [state.value for state in SpecimenState]
    assert told["specimens"]["labelled"] == told["specimens"]["proposed"] == 1
    assert list(told["jobs"]) == [state.value for state in JobState]
    assert "labelled   1" in mothmask("status").out


def test_an_older_schema_is_told_and_mended(mothmask: Mothmask, data: Path) -> None:
    data.mkdir()
    (data / "mothmask.sqlite").touch()
    assert "Run `mothmask migrate`" in mothmask("status").err
    assert mothmask("migrate").code == 0
    assert mothmask("status").code == 0


def test_an_import_that_is_waited_for(
    mothmask: Mothmask, context: Context, photographs: Path, drain: Drain
) -> None:
    with meanwhile(lambda: drain(context)):
        outcome = mothmask("import", photographs, "--source", "TEST", "--wait")
    assert outcome.code == 0
    assert "Job 1 is done." in outcome.out
    assert json.loads(mothmask("status", "--json").out)["specimens"]["proposed"] == 2


def test_a_job_that_fails_makes_the_command_fail(
    mothmask: Mothmask, context: Context, photographs: Path
) -> None:
    def cancel() -> None:
        with context.db.transaction() as session:
            job = session.get(Job, 1)
            if job is not None and job.is_open and not job.growing:
                jobs.cancel(session, job.id)

    with meanwhile(cancel):
        outcome = mothmask("import", photographs, "--source", "TEST", "--wait")
    assert outcome.code == 1
    assert "Job 1 is cancelled." in outcome.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("import", "nowhere", "--source", "TEST"), "There is no file or folder nowhere."),
        (("import", ".", "--source", "a b"), "A source needs a short code"),
        (("train",), "Training needs at least 4 labels, and there are 0."),
        (("train", "--preset", "huge"), "There is no preset “huge”"),
        (("up", "--host", "0.0.0.0"), "Without accounts Mothmask listens on this machine only"),
        (("web", "--host", "0.0.0.0"), "Without accounts Mothmask listens on this machine only"),
    ],
)
def test_refusals_are_sentences(
    mothmask: Mothmask, context: Context, arguments: tuple[str, ...], sentence: str
) -> None:
    assert context.db
    outcome = mothmask(*arguments)
    assert outcome.code == 1
    assert outcome.err.startswith(sentence)


def test_export_writes_the_labels(mothmask: Mothmask, context: Context, tmp_path: Path) -> None:
    with context.db.transaction() as session:
        specimen = factories.make_specimen(session, context.blobs, "a")
        person = factories.make_person(session)
        factories.make_version(session, context.blobs, specimen, person)
    outcome = mothmask("export", "--to", tmp_path / "out", "--kind", "blue")
    assert outcome.out.strip().endswith("1 labels are in " + str(tmp_path / "out") + ".")
    assert (tmp_path / "out" / "manifest.csv").exists()
    assert (tmp_path / "out" / "TEST" / "blue" / "a.png").exists()


def test_export_writes_what_is_edited_elsewhere(
    mothmask: Mothmask, context: Context, tmp_path: Path
) -> None:
    with context.db.transaction() as session:
        factories.make_specimen(session, context.blobs, "a")
    outcome = mothmask("export", "--to", tmp_path / "out", "--kind", "editing")
    assert outcome.out.strip().endswith("1 specimens are in " + str(tmp_path / "out") + ".")
    assert (tmp_path / "out" / "README.txt").exists()
    assert (tmp_path / "out" / "TEST" / "a_cropped.png").exists()


def test_a_port_that_was_asked_for_must_be_free(mothmask: Mothmask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = mothmask("up", "--port", port)
    assert outcome.code == 1
    assert outcome.err.startswith(f"Port {port} is taken")


def test_a_database_that_cannot_be_reached(
    mothmask: Mothmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTHMASK_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    outcome = mothmask("status")
    assert outcome.code == 1
    assert outcome.err.startswith("The database cannot be used:")
    assert "Traceback" not in outcome.err
    doctor = mothmask("doctor")
    assert doctor.code == 1
    assert "PROBLEM  database" in doctor.out


def test_a_setting_that_makes_no_sense(mothmask: Mothmask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTHMASK_UPLOAD_MEGABYTES", "many")
    assert "MOTHMASK_UPLOAD_MEGABYTES" in mothmask("status").err


def test_the_doctor_finds_a_detector_that_is_missing(
    mothmask: Mothmask, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert context.db
    assert mothmask("doctor").code == 0
    monkeypatch.setenv("MOTHMASK_DETECTOR", "/nowhere/yolo.onnx")
    outcome = mothmask("doctor")
    assert outcome.code == 1
    assert "PROBLEM  detector: /nowhere/yolo.onnx is no file" in outcome.out


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Do this again and again, beside the command."""
    stop = threading.Event()

    def repeat() -> None:
        while not stop.wait(0.1):
            work()

    thread = threading.Thread(target=repeat)
    thread.start()
    yield
    stop.set()
    thread.join()
