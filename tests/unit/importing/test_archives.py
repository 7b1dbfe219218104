"""Reading archives that other programs, or people who mean harm, have made."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Refused
from app.services import archives
from app.services.archives import Archive
from tests.unit.importing import zips

A, B = zips.FILE


def opened(data: bytes) -> Archive:
    return Archive(io.BytesIO(data))


def contents(data: bytes) -> dict[str, bytes]:
    archive = opened(data)
    return {entry.name: b"".join(archive.chunks(entry)) for entry in archive.entries}


def refusal(data: bytes) -> str:
    archive = opened(data)
    with pytest.raises(Refused) as refused:
        list(archive.chunks(archive.entries[0]))
    return str(refused.value)


def test_folders_and_litter_are_left_out() -> None:
    members = [
        ("inner/", b""),
        ("inner/a.jpg", A),
        ("__MACOSX/inner/._a.jpg", B),
        ("inner/.DS_Store", B),
        ("Thumbs.db", B),
        ("b.jpg", B),
    ]
    assert contents(zips.zipped(members)) == {"inner/a.jpg": A, "b.jpg": B}


@pytest.mark.parametrize("written", ["GEO無法辨識-1_SJRS00018_female.png", "功許蓋.jpg"])
@pytest.mark.parametrize("separator", ["/", "\\"])
def test_big5_names(written: str, separator: str) -> None:
    stored = f"標本{separator}{written}".encode("cp950")
    archive = opened(zips.zipped([(stored, A)]))
    assert (archive.encoding, archive.entries[0].name) == ("cp950", f"標本/{written}")


def test_names_that_say_they_are_utf8_stand_beside_names_that_do_not() -> None:
    members: zips.Members = [("側面.jpg", A), ("無法辨識.jpg".encode("cp950"), B)]
    assert contents(zips.zipped(members)) == {"側面.jpg": A, "無法辨識.jpg": B}


def test_the_same_name_twice() -> None:
    assert contents(zips.zipped([("a.jpg", A), ("a.jpg", B)])) == {"a.jpg": A, "a.jpg (2)": B}


@pytest.mark.parametrize("name", ["../a.jpg", "x/../../a.jpg", "/a.jpg", "C:\\a.jpg", "..\\a.jpg"])
def test_paths_that_lead_out_are_refused(name: str) -> None:
    assert "out of the folder" in refusal(zips.zipped([(name.encode(), A)]))


def test_a_bomb_is_refused_and_its_neighbour_is_not() -> None:
    archive = opened(zips.zipped([("bomb.jpg", bytes(50_000_000)), ("a.jpg", A)]))
    bomb, neighbour = archive.entries
    with pytest.raises(Refused, match="50 MB"):
        next(archive.chunks(bomb))
    assert b"".join(archive.chunks(neighbour)) == A


def test_many_small_bombs_together_are_one() -> None:
    archive = opened(zips.zipped([(f"{number}.jpg", bytes(1_000_000)) for number in range(40)]))
    unpacked: list[int] = []
    with pytest.raises(Refused):
        unpacked.extend(len(chunk) for entry in archive.entries for chunk in archive.chunks(entry))
    assert 0 < sum(unpacked) <= archives.MOST_GROWTH * archive.size + archives.FREE_BYTES


def test_no_more_comes_out_than_is_declared() -> None:
    lying = zips.with_declared_size(zips.zipped([("a.jpg", bytes(50_000_000))]), 1000)
    archive = opened(lying)
    came_out: list[int] = []
    with pytest.raises(Refused, match="damaged"):
        came_out.extend(map(len, archive.chunks(archive.entries[0])))
    assert sum(came_out) <= 1000


def test_locked_members_are_refused() -> None:
    assert "password" in refusal(zips.locked(zips.zipped([("a.jpg", A)])))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_cannot_be_bounded_are_refused(method: int) -> None:
    assert "unusual way" in refusal(zips.zipped([("a.jpg", A)], method))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", zips.zipped([("a.jpg", A)])[:-10]])
def test_a_damaged_archive_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="damaged or incomplete"):
        opened(data)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_damaged_only_refusals_come(data: st.DataObject) -> None:
    members: zips.Members = [("a.jpg", A), ("無法.jpg".encode("cp950"), B)]
    archive = bytearray(zips.zipped(members))
    for _ in range(data.draw(st.integers(1, 4))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = opened(bytes(archive))
        for entry in read.entries:
            list(read.chunks(entry))
    except Refused:
        pass


@pytest.mark.parametrize(
    ("data", "is_archive"),
    [
        (zips.zipped([("a", A)]), True),
        (zips.zipped([]), True),
        (b"\xff\xd8\xff", False),
        (b"", False),
    ],
)
def test_archives_are_told_by_their_content(data: bytes, is_archive: bool) -> None:
    file = io.BytesIO(data)
    assert archives.is_archive(file) is is_archive
    assert file.tell() == 0
