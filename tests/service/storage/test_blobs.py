"""A folder and a bucket do the same; a bucket that misbehaves is asked again, then told of."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.blobs import Blobs, FolderBlobs, open_blobs, open_blobs_at
from app.errors import BrokenLink, MothmaskError, NotFound, ReadOnly, Refused, StorageFailed
from app.settings import Settings
from tests.s3 import FaultyProxy, settings_of

LONG = bytes(range(256)) * (20 << 12)
"""20 MB: sent in pieces, and read through a temporary file."""


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Blobs]:
    if request.param == "folder":
        yield FolderBlobs(tmp_path / "blobs")
        return
    address, bucket = (request.getfixturevalue(name) for name in ("s3_address", "bucket"))
    yield open_blobs(settings_of(address, bucket))


@pytest.mark.parametrize("data", [b"", b"moth", LONG], ids=["empty", "short", "long"])
def test_what_is_put_is_read(store: Blobs, data: bytes) -> None:
    digest = store.put(data[start : start + 999_999] for start in range(0, len(data), 999_999))
    assert digest == hashlib.sha256(data).hexdigest() == store.put(data)
    assert store.read(digest) == data
    with store.open(digest) as file:
        file.seek(len(data) // 2)
        assert file.read() == data[len(data) // 2 :]
    found = store.find(digest)
    assert found is not None
    assert found.size == len(data)


def test_all_that_is_stored_comes_in_order(store: Blobs, tmp_path: Path) -> None:
    digests = sorted(store.put(f"moth {number}".encode()) for number in range(40))
    linked = tmp_path / "linked.jpg"
    linked.write_bytes(b"stays")
    store.link(hashlib.sha256(b"stays").hexdigest(), linked)
    assert [each.digest for each in store.stored()] == digests


def test_what_was_removed_is_missing(store: Blobs) -> None:
    digest = store.put(b"moth")
    store.remove(digest)
    store.remove(digest)
    assert store.find(digest) is None
    with pytest.raises(NotFound, match=f"The stored file {digest} is missing"):
        store.read(digest)


def test_a_linked_file_is_checked_whenever_it_is_read(store: Blobs, tmp_path: Path) -> None:
    linked, digest = tmp_path / "蛾 1.jpg", hashlib.sha256(b"stays").hexdigest()
    linked.write_bytes(b"stays")
    store.link(digest, linked)
    assert (store.linked(digest), store.read(digest)) == (linked, b"stays")
    store.examine(digest)
    linked.write_bytes(b"stirs")
    os.utime(linked, (0, 0))
    for look in (store.read, store.examine):
        with pytest.raises(BrokenLink, match="has changed"):
            look(digest)
    store.put(b"stays")
    assert (store.linked(digest), store.read(digest)) == (None, b"stays")


SHORT = b"moth" * 1000


@pytest.mark.parametrize(
    ("fault", "data"),
    [
        *((fault, data) for fault in ("503", "cut", "half") for data in (SHORT, LONG)),
        ("deaf", SHORT),  # seconds go by until it is taken for deaf
    ],
    ids=lambda value: None if isinstance(value, str) else len(value),
)
def test_a_bucket_that_fails_twice_is_asked_again(
    proxy: FaultyProxy, bucket: str, fault: str, data: bytes
) -> None:
    store = open_blobs(settings_of(proxy.address, bucket, s3_seconds=9))
    for _ in range(2):
        proxy.faults = [fault, fault]
        digest = store.put(data)
        proxy.faults = [fault, fault]
        assert store.read(digest) == data
    assert [each.size for each in store.stored()] == [len(data)]


@pytest.mark.parametrize(
    ("fault", "told"),
    [("503", "503 Service Unavailable"), ("silent", "timed out"), ("deaf", "does not answer")],
)
def test_a_bucket_that_goes_on_failing_is_told_of(
    proxy: FaultyProxy, bucket: str, s3_address: str, fault: str, told: str
) -> None:
    digest = open_blobs(settings_of(s3_address, bucket)).put(b"moth")
    store = open_blobs(settings_of(proxy.address, bucket, s3_seconds=1))
    proxy.always = fault
    for ask in (lambda: store.read(digest), lambda: store.put(b"other"), lambda: [*store.stored()]):
        with pytest.raises(StorageFailed, match=told) as refused:
            ask()
        assert "Check MOTHMASK_S3_ENDPOINT" in str(refused.value)
    assert proxy.seen > 3
    assert [each.digest for each in open_blobs(settings_of(s3_address, bucket)).stored()] == [
        digest
    ]


def test_half_an_answer_that_looks_whole_is_never_passed_on(
    proxy: FaultyProxy, bucket: str
) -> None:
    store = open_blobs(settings_of(proxy.address, bucket))
    digest = store.put(b"moth" * 1000)
    proxy.always = "half"
    with pytest.raises(MothmaskError, match=f"{digest} comes damaged from s3://{bucket}"):
        store.read(digest)


def test_a_bucket_that_is_not_there_is_told_of(s3_address: str) -> None:
    store = open_blobs(settings_of(s3_address, "nowhere"))
    with pytest.raises(StorageFailed, match=r"s3://nowhere.*NoSuchBucket"):
        store.put(b"moth")


@pytest.mark.parametrize("place", ["s3://UPPER/x", "gs://moths", "s3://"])
def test_what_is_no_place_is_refused(place: str) -> None:
    with pytest.raises(Refused, match="is no place for blobs"):
        open_blobs_at(place, Settings())


def test_a_damaged_file_is_mended_by_handing_it_in_again(store: Blobs) -> None:
    digest = store.put(b"moth")
    if isinstance(store, FolderBlobs):
        store.path(digest).write_bytes(b"mo")
        store.put(b"moth")
    assert store.read(digest) == b"moth"


def test_a_read_only_folder_is_told_of(tmp_path: Path) -> None:
    """In a mount namespace of its own: whoever runs the tests as root may write everywhere."""
    program = (
        "import subprocess, sys; from pathlib import Path\n"
        "from app.blobs import FolderBlobs; from app.errors import ReadOnly\n"
        "root = Path(sys.argv[1])\n"
        "subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', str(root)], check=True)\n"
        "blobs = FolderBlobs(root / 'blobs'); digest = blobs.put(b'moth')\n"
        "subprocess.run(['mount', '-o', 'remount,ro', str(root)], check=True)\n"
        "for act in (lambda: blobs.put(b'other'), lambda: blobs.remove(digest)):\n"
        "    try: act()\n"
        "    except ReadOnly as refused: print(refused)\n"
        "print(blobs.read(digest))\n"
    )
    command = ["unshare", "--map-root-user", "--mount", sys.executable, "-c", program]
    ran = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    told = ran.stdout.splitlines()
    assert len(told) == 3
    assert all("Read-only file system. Nothing was half-written" in line for line in told[:2])
    assert told[2] == "b'moth'"


def test_the_reason_names_the_place() -> None:
    assert str(ReadOnly("/srv/moths", "Permission denied")).startswith("/srv/moths cannot be")
