"""Backups: the database as an SQLite file whatever it was, and beside it every blob that it names.

A folder holds any number of backups. Blobs have their digest for a name, so all share them, and
each backup copies only what came since the last. A backup counts once its `.json` is there, which
is written last.
"""

import contextlib
import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from app.blobs import Blobs, FolderBlobs, chunks_of, digest_of, told_when_full
from app.db import Database
from app.errors import Conflict, Damaged, DiskFull, NotFound
from app.migrating import migrate
from app.services.blob_copying import Copied, copy_blobs
from app.services.blob_references import by_digest
from app.services.row_copying import copy_rows, expect_empty
from ml.progress import OnProgress, silent

ATTEMPTS = 3


@dataclass(frozen=True)
class Backup:
    """What is told of a backup in its `.json`."""

    name: str
    """The moment it was made, in UTC."""
    database_sha256: str
    files: int
    copied: int
    copied_bytes: int
    linked: int
    """Photographs that stay where they are; their bytes are no part of the backup."""
    lost: list[str]
    """Digests that rows name, but whose bytes were missing or damaged already."""


def make(db: Database, blobs: Blobs, folder: Path, on_progress: OnProgress = silent) -> Backup:
    """Make a backup while others work; what a killed one has copied is not copied again."""
    with told_when_full():
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder), _unfinished(folder) as file:
            copied = _make(db, blobs, file, FolderBlobs(folder / "blobs"), on_progress)
            name = f"{db.clock():%Y-%m-%dT%H-%M-%SZ}"
            backup = Backup(
                name=name,
                database_sha256=_digest(file),
                files=copied.there,
                copied=copied.copied,
                copied_bytes=copied.size,
                linked=copied.linked,
                lost=copied.lost,
            )
            file.replace(folder / f"{name}.sqlite")
            told = _synced(folder / "unfinished.json", json.dumps(asdict(backup), indent=2))
            told.replace(folder / f"{name}.json")
            _sync(folder)
    return backup


def listed(folder: Path) -> list[Backup]:
    """All that are whole, the newest last."""
    files = sorted(folder.glob("*Z.json"))
    return [Backup(**json.loads(file.read_text(encoding="utf-8"))) for file in files]


def chosen(folder: Path, name: str | None) -> Backup:
    known = listed(folder)
    if not known:
        raise NotFound("There is no backup in {folder}.", folder=folder)
    if name is None:
        return known[-1]
    for backup in known:
        if backup.name == name:
            return backup
    names = ", ".join(backup.name for backup in known)
    raise NotFound("There is no backup {name}; there are {names}.", name=name, names=names)


def restore(
    folder: Path, backup: Backup, url: str, blobs: Blobs, on_progress: OnProgress = silent
) -> Copied:
    """Bring a backup back: the blobs first, which goes on where it ended, then all rows at once."""
    file = folder / f"{backup.name}.sqlite"
    if not file.exists() or _digest(file) != backup.database_sha256:
        raise Damaged("{file} is missing or damaged. Choose another backup with --at.", file=file)
    expect_empty(url)
    migrate(url)
    # A copy, so that an older backup can be brought to the newest schema and stays what it is.
    with told_when_full(), _unfinished(folder) as present:
        shutil.copyfile(file, present)
        migrate(f"sqlite:///{present}")
        database = Database(f"sqlite:///{present}")
        try:
            with database.reading() as session:
                named = (digest for digest, _ in by_digest(session))
                copied = copy_blobs(FolderBlobs(folder / "blobs"), blobs, named, on_progress)
            copy_rows(database.engine, url, on_progress=on_progress)
        finally:
            database.close()
    return copied


def _make(
    db: Database, blobs: Blobs, file: Path, target: FolderBlobs, on_progress: OnProgress
) -> Copied:
    """Again, if something was replaced between the two steps, such as a checkpoint or a draft."""
    copied = Copied()
    known: set[str] = set()
    for _ in range(ATTEMPTS):
        _take(db, file, on_progress)
        snapshot = Database(f"sqlite:///{file}")
        try:
            with snapshot.reading() as session:
                named = (digest for digest, _ in by_digest(session))
                found = copy_blobs(blobs, target, named, on_progress)
        finally:
            snapshot.close()
        found.copied, found.size = found.copied + copied.copied, found.size + copied.size
        copied = found
        if set(copied.lost) <= known:
            break
        known = set(copied.lost)
    _settle(file)
    return copied


def _take(db: Database, file: Path, on_progress: OnProgress) -> None:
    """The database at one moment, into one file."""
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    if db.engine.dialect.name != "sqlite":
        migrate(f"sqlite:///{file}")
        copy_rows(db.engine, f"sqlite:///{file}", on_progress=on_progress)
        return
    source = sqlite3.connect(str(db.engine.url.database))
    target = sqlite3.connect(file)
    try:
        with contextlib.closing(source), contextlib.closing(target):
            source.backup(target)  # in one step: others write on, and it need not begin again
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise DiskFull from error
        raise


def _settle(file: Path) -> None:
    """One file that needs nothing beside it, and survives a power cut."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return digest_of(chunks_of(opened))


def _synced(file: Path, text: str) -> Path:
    with file.open("w", encoding="utf-8") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    return file


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                "Another backup into {folder} is being made; wait until it has ended.",
                folder=folder,
            ) from None
        yield


@contextlib.contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    file = folder / f"unfinished-{os.getpid()}.sqlite"
    try:
        yield file
    finally:
        for left in folder.glob(f"{file.name}*"):
            left.unlink()
