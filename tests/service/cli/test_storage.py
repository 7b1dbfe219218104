"""The commands about what is stored, from the terminal."""

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from app.blobs import FolderBlobs
from app.cli.up import alone
from app.domain.jobs import JobKind, PartKind
from app.services import jobs
from tests import factories
from tests.service.cli.conftest import Mothmask
from tests.service.storage.collection import fill
from tests.service.storage.test_verifying import lose_a_photograph
from worker.context import Context


def test_the_command_tells_what_is_wrong_and_exits_with_1(
    mothmask: Mothmask, context: Context
) -> None:
    with context.db.transaction() as session:
        person = factories.make_person(session)
    assert isinstance(context.blobs, FolderBlobs)
    fill(context.db, context.blobs, person)
    well = mothmask("verify")
    assert (well.code, well.out.splitlines()[-1]) == (0, "All is well.")
    lose_a_photograph(context.db, context.blobs)
    told = mothmask("verify", "--json")
    found = json.loads(told.out)
    assert (told.code, found["well"]) == (1, False)
    assert found["counts"]["missing"] >= 1
    assert "Something is wrong: " in mothmask("verify", "--quick").out


def test_backup_destroy_restore(mothmask: Mothmask, context: Context, tmp_path: Path) -> None:
    with context.db.transaction() as session:
        person = factories.make_person(session)
    fill(context.db, context.blobs, person)
    kept, data = tmp_path / "backups", context.settings.data
    assert mothmask("backup", kept).code == 0
    assert " 0 (0.00 GB) came" in mothmask("backup", kept).out
    assert len(mothmask("backup --list", kept).out.splitlines()) >= 1
    assert "holds other data already" in mothmask("restore", kept).err
    context.db.close()
    shutil.rmtree(data)
    outcome = mothmask("restore", kept)
    assert (outcome.code, outcome.out.splitlines()[-1]) == (0, "All is well.")
    assert '"labelled": 2' in mothmask("status", "--json").out


def test_moving_to_another_folder(mothmask: Mothmask, context: Context, tmp_path: Path) -> None:
    with context.db.transaction() as session:
        person = factories.make_person(session)
    fill(context.db, context.blobs, person)
    there = tmp_path / "there"
    outcome = mothmask("move", "--to", there)
    assert outcome.code == 0
    assert f"    MOTHMASK_DATA={there}" in outcome.out
    assert "had been moved before; 0 files" in mothmask("move", "--to", there).out
    with alone(context.settings.data):
        assert "is running on" in mothmask("move", "--to", tmp_path / "elsewhere").err


def test_pruning_tells_what_could_go(mothmask: Mothmask, context: Context) -> None:
    digest = context.blobs.put(b"left over")
    assert isinstance(context.blobs, FolderBlobs)
    os.utime(context.blobs.path(digest), (0, 0))
    assert "could go, and 1 files" in mothmask("prune", "--dry-run").out
    assert context.blobs.find(digest) is not None
    assert "are gone, and 1 files" in mothmask("prune").out
    assert context.blobs.find(digest) is None


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"S3_ENDPOINT": "http://127.0.0.1:1"}, "set MOTHMASK_BLOBS_URL"),
        ({"BLOBS_URL": "ftp://moths"}, "is no place for blobs"),
        (
            {"BLOBS_URL": "s3://moths", "S3_ENDPOINT": "http://127.0.0.1:1", "S3_SECONDS": "0.3"},
            "Connection refused",
        ),
    ],
)
def test_the_doctor_says_what_to_do_about_files(
    mothmask: Mothmask,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    told: str,
) -> None:
    context.db.close()
    for name, value in settings.items():
        monkeypatch.setenv(f"MOTHMASK_{name}", value)
    for name in ("KEY_ID", "SECRET"):
        monkeypatch.setenv(f"MOTHMASK_S3_{name}", "tests")
    outcome = mothmask("doctor")
    assert outcome.code == 1
    assert any("PROBLEM  files" in line and told in line for line in outcome.out.splitlines())


def test_the_doctor_misses_workers(mothmask: Mothmask, context: Context) -> None:
    with context.db.transaction() as session:
        job = jobs.start(session, JobKind.MAPS, None)
        jobs.add_part(session, job.id, PartKind.MAPS, {}).sent_at -= timedelta(hours=1)
    assert "1 parts wait and nobody takes them up" in mothmask("doctor").out
