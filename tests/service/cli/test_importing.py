"""Importing by the command line: boxes, names in archives, links, and a folder that is watched."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.photographs import ImportedFile, Outcome, Photograph
from app.domain.specimens import Crop, Specimen
from app.services import folders
from tests.conftest import Drain
from tests.service.cli.conftest import Mothmask
from tests.service.importing import flow
from tests.service.importing.flow import photograph
from tests.unit.importing import zips
from worker.context import Context


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "標本 share"
    folder.mkdir()
    return folder


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[[], object]]]:
    """What happens in the pauses of a watch, one after the other; then somebody presses Ctrl-C."""
    steps: list[Callable[[], object]] = []

    def pause(_seconds: float) -> None:
        if not steps:
            raise KeyboardInterrupt
        steps.pop(0)()

    monkeypatch.setattr("app.cli.importing.time.sleep", pause)
    yield steps
    assert steps == []


def nothing() -> None:
    """Only time goes by."""


def files(context: Context) -> dict[str, Outcome]:
    with context.db.reading() as session:
        return {file.name: file.outcome for file in session.scalars(select(ImportedFile))}


def test_a_watched_folder_is_imported_once_its_files_have_stopped_growing(
    mothmask: Mothmask, context: Context, share: Path, looks: list[Callable[[], object]]
) -> None:
    data = photograph(1)
    growing = share / "growing.png"
    growing.write_bytes(data[:100])

    def grow() -> None:
        with growing.open("ab") as file:
            file.write(data[100:])

    def still_growing() -> None:
        assert files(context) == {}
        grow()

    def come() -> None:
        assert list(files(context)) == ["標本 share/growing.png"]
        (share / "later").mkdir()
        (share / "later" / "second.png").write_bytes(photograph(2))

    looks += [still_growing, nothing, come, nothing, nothing, nothing]
    told = mothmask("import", share, "--source", "TEST", "--watch")
    assert told.code == 0
    assert told.out.count("imports 1 files") == 2
    assert told.out.endswith("No longer watching.\n")
    assert set(files(context)) == {"標本 share/growing.png", "標本 share/later/second.png"}


def test_a_watch_survives_a_share_that_goes_and_comes_back(
    mothmask: Mothmask,
    context: Context,
    share: Path,
    looks: list[Callable[[], object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = share.with_name("away")
    (share / "a.png").write_bytes(photograph(1))
    stat = Path.stat

    def silent(path: Path, **options: bool) -> os.stat_result:
        if path == share:
            raise OSError(112, "Host is down")
        return stat(path, **options)

    looks += [
        lambda: share.rename(away),
        nothing,
        lambda: away.rename(share),
        lambda: monkeypatch.setattr(Path, "stat", silent),
        nothing,
        lambda: monkeypatch.setattr(Path, "stat", stat),
        nothing,
        nothing,
    ]
    told = mothmask("import", share, "--source", "TEST", "--watch")
    assert told.code == 0
    assert told.out.count("There is no file or folder") == 1
    assert told.out.count("cannot be reached: Host is down") == 1
    assert told.out.count("All is well again") == 2
    assert list(files(context)) == ["標本 share/a.png"]


def test_a_watch_tries_again_what_could_not_be_read(
    mothmask: Mothmask,
    context: Context,
    share: Path,
    looks: list[Callable[[], object]],
    monkeypatch: pytest.MonkeyPatch,
    drain: Drain,
) -> None:
    (share / "locked.png").write_bytes(photograph(1))
    (share / "bad.png").write_bytes(b"no picture")
    readable = folders.chunks_at

    def broken(path: Path) -> Iterator[bytes]:
        if path.name == "locked.png":
            folders._refuse(OSError(5, "Input/output error"))
        yield from readable(path)

    monkeypatch.setattr(folders, "chunks_at", broken)

    def work() -> None:
        drain(context, flow.HANDLERS)

    looks += [nothing, work, *[nothing] * 10]
    looks += [lambda: monkeypatch.setattr(folders, "chunks_at", readable), *[nothing] * 20, work]
    told = mothmask("import", share, "--source", "TEST", "--watch")
    with context.db.reading() as session:
        tries = [file.outcome.value for file in session.scalars(select(ImportedFile))]
    # Fewer and fewer tries, the last one well; what is no picture is not tried again.
    assert sorted(tries) == ["new", *["refused"] * told.out.count("imports")]
    assert 3 <= len(tries) <= 6


def test_links_that_are_broken_are_told_by_the_doctor(
    mothmask: Mothmask, context: Context, share: Path, drain: Drain
) -> None:
    for seed in range(3):
        (share / f"{seed}.png").write_bytes(photograph(seed))
    assert mothmask("import", share, "--source", "TEST", "--link").code == 0
    drain(context, flow.HANDLERS)
    assert "linked files: 3, all there" in mothmask("doctor").out
    os.truncate(share / "1.png", 10)
    told = mothmask("doctor")
    assert told.code == 1
    assert f"linked files: 1 of 3 are gone or have changed: {share / '1.png'}" in told.out


NAMES = ["展翅不完全/無法辨識.png", "側面.png"]


@pytest.mark.parametrize(
    ("encoding", "option", "title"),
    [
        ("cp950", (), "Big5"),
        ("utf-8", (), "UTF-8"),
        ("cp950", ("--names", "big5"), "Big5"),
        ("gbk", ("--names", "GBK"), "GBK"),
    ],
)
def test_the_encoding_of_names_in_an_archive_is_told(
    mothmask: Mothmask,
    context: Context,
    share: Path,
    drain: Drain,
    encoding: str,
    option: tuple[str, ...],
    title: str,
) -> None:
    packed = [(name.encode(encoding), photograph(seed)) for seed, name in enumerate(NAMES)]
    (share / "moths.zip").write_bytes(zips.zipped(packed))
    told = mothmask("import", share / "moths.zip", "--source", "TEST", *option)
    assert f"moths.zip: names are read as {title}, such as {NAMES[0]}." in told.out
    drain(context, flow.HANDLERS)
    assert set(files(context)) == {"moths.zip", *(f"moths.zip/{name}" for name in NAMES)}
    with context.db.reading() as session:
        archive = session.scalars(select(ImportedFile).where(ImportedFile.name == "moths.zip"))
        assert archive.one().reason == f"2 files inside; their names were read as {title}."


def test_an_encoding_that_nobody_knows_is_refused(mothmask: Mothmask, share: Path) -> None:
    told = mothmask("import", share, "--source", "TEST", "--names", "klingon")
    assert told.err == (
        "There is no encoding “klingon”; use auto or one of utf-8, big5, gbk, shift-jis, cp437.\n"
    )


def test_boxes_by_the_command_line(
    mothmask: Mothmask, context: Context, share: Path, drain: Drain
) -> None:
    for seed in range(2):
        (share / f"側面 {seed}.png").write_bytes(photograph(seed))
    mothmask("import", share, "--source", "TEST")
    drain(context, flow.HANDLERS)
    shutil.rmtree(share)
    table = share.with_name("boxes.csv")
    lines = [
        ",file,bboxes",
        '0,crops/側面 0.jpg,"2,2,20,14"',
        "1,crops/側面 1.jpg,",
        "2,x.jpg,oops",
        '3,[3].jpg,"1,1,9,9"',
    ]
    table.write_text("\n".join(lines), "utf-8")
    told = mothmask("boxes import", table, "--source", "TEST")
    assert told.code == 0
    assert f"{table.name}, line 4: “oops” is no box" in told.out
    assert "[3]: there is no photograph of this name in source TEST." in told.out
    assert "places boxes on 1 photographs; on 1 there is nothing. 2 could not be taken" in told.out
    drain(context)
    with context.db.reading() as session:
        found = session.execute(
            select(Photograph.file_name, Crop.found_box)
            .join(Specimen, Specimen.photograph_id == Photograph.id)
            .join(Crop, Crop.specimen_id == Specimen.id)
            .where(Crop.origin == "table")
        )
        assert found.all() == [("側面 0.png", [2, 2, 20, 14])]
