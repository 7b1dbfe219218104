"""Files, folders and archives from the command line."""

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.jobs import JobState, Part, PartKind
from app.domain.photographs import ImportedFile, Outcome, Photograph
from app.domain.specimens import Specimen
from app.errors import Refused
from app.services import folders, photograph_imports
from app.services.folders import Incoming
from tests.conftest import Drain
from tests.service.importing import flow
from tests.service.importing.flow import Ended, Import, photograph
from tests.unit.importing import zips
from worker.context import Context

A, B = photograph(1), photograph(2)


def import_paths(context: Context, drain: Drain, *paths: Path) -> dict[str, Ended]:
    job_id = photograph_imports.start_paths(context.db, context.blobs, paths, "TEST")
    drain(context, flow.HANDLERS)
    return flow.ended(context, job_id)


def outcomes(ended: dict[str, Ended]) -> dict[str, str]:
    return {name: file.outcome.value for name, file in ended.items()}


def test_folders_are_walked_and_hidden_files_ignored(
    context: Context, drain: Drain, tmp_path: Path
) -> None:
    top = tmp_path / "moths"
    for name in ("b/無法辨識.png", "a.png", ".hidden.png", ".git/c.png", "b/Thumbs.db"):
        file = top / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(photograph(len(name)))
    (tmp_path / "single.png").write_bytes(A)
    ended = import_paths(context, drain, top, tmp_path / "single.png")
    assert outcomes(ended) == {
        "moths/a.png": "new",
        "moths/b/無法辨識.png": "new",
        "single.png": "new",
    }


def test_a_big5_name_on_the_disk(context: Context, drain: Drain, tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/" + "功許蓋.png".encode("cp950")
    Path(os.fsdecode(raw)).write_bytes(A)
    assert outcomes(import_paths(context, drain, Path(os.fsdecode(raw)))) == {"功許蓋.png": "new"}


def test_a_file_that_cannot_be_read_does_not_stop_the_others(
    context: Context, drain: Drain, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(A)
    incoming = [
        Incoming("gone.png", folders.chunks_at(tmp_path / "gone.png")),
        Incoming("a.png", folders.chunks_at(tmp_path / "a.png")),
    ]
    job_id = photograph_imports.start(context.db, context.blobs, incoming, "TEST")
    drain(context, flow.HANDLERS)
    ended = flow.ended(context, job_id)
    assert outcomes(ended) == {"gone.png": "refused", "a.png": "new"}
    assert ended["gone.png"].reason == "It cannot be read: No such file or directory."


def test_a_path_that_is_not_there_starts_nothing(context: Context, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no file or folder"):
        photograph_imports.start_paths(context.db, context.blobs, [tmp_path / "gone"], "TEST")
    assert flow.count(context, ImportedFile) == 0


def test_an_archive_becomes_its_files(context: Context, import_files: Import) -> None:
    inner = [
        ("標本/無法辨識.png".encode("cp950"), A),
        ("標本/功許蓋.png".encode("cp950"), B),
        (b"__MACOSX/._x.png", b"litter"),
        (b"notes.txt", b"some words"),
    ]
    ended = import_files({"moths.dat": zips.zipped(inner)})
    assert outcomes(ended) == {
        "moths.dat": "unpacked",
        "moths.dat/標本/無法辨識.png": "new",
        "moths.dat/標本/功許蓋.png": "new",
        "moths.dat/notes.txt": "refused",
    }
    assert ended["moths.dat"].reason == "3 files inside; their names were read as Big5."
    with context.db.reading() as session:
        assert set(session.scalars(select(Specimen.key))) == {"無法辨識", "功許蓋"}
        assert "無法辨識.png" in session.scalars(select(Photograph.file_name)).all()


def test_the_bad_in_an_archive_is_refused_and_the_good_taken(
    context: Context, import_files: Import
) -> None:
    inner = [
        ("../outside.png", A),
        ("bomb.png", bytes(60_000_000)),
        ("inner.zip", zips.zipped([("a.png", A)])),
        ("x/good.png", B),
        ("y/good.png", A),
    ]
    ended = import_files({"a.zip": zips.zipped(inner)})
    assert outcomes(ended) == {
        "a.zip": "unpacked",
        "a.zip/../outside.png": "refused",
        "a.zip/bomb.png": "refused",
        "a.zip/inner.zip": "refused",
        "a.zip/x/good.png": "new",
        "a.zip/y/good.png": "conflict",
    }
    assert "leads out of the folder" in ended["a.zip/../outside.png"].reason
    assert "far more than is packed" in ended["a.zip/bomb.png"].reason
    assert "archive inside an archive" in ended["a.zip/inner.zip"].reason
    assert flow.count(context, Specimen) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zips.zipped([]), "no files"),
        (zips.zipped([("a.png", A)])[:-30], "damaged or incomplete"),
    ],
    ids=["empty", "truncated"],
)
def test_an_archive_without_files_is_refused(
    import_files: Import, data: bytes, reason: str
) -> None:
    ended = import_files({"a.zip": data})
    assert outcomes(ended) == {"a.zip": "refused"}
    assert reason in ended["a.zip"].reason


def test_a_locked_member_is_refused(import_files: Import) -> None:
    ended = import_files({"a.zip": zips.locked(zips.zipped([("a.png", A)]))})
    assert ended["a.zip/a.png"].outcome.value == "refused"
    assert "password" in ended["a.zip/a.png"].reason


def test_unpacking_twice_adds_nothing(context: Context, drain: Drain, import_files: Import) -> None:
    members = [(f"{seed}.png", photograph(seed)) for seed in range(10)]
    before = import_files({"a.zip": zips.zipped(members)})
    with context.db.transaction() as session:  # as if the worker had died just before the end
        archive = session.scalars(select(ImportedFile).where(ImportedFile.name == "a.zip")).one()
        archive.outcome, job_id = Outcome.WAITING, archive.job_id
        unpacking = select(Part).where(Part.kind == PartKind.TAKE_IN).order_by(Part.id).limit(1)
        session.scalars(unpacking).one().state = JobState.QUEUED
    assert drain(context, flow.HANDLERS) == 1
    assert flow.ended(context, job_id) == before
    assert flow.count(context, Specimen) == 10
