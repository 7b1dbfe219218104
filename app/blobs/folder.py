"""Blobs in a folder of this machine."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from app.blobs import staying
from app.blobs.protocol import Stored, told_when_full
from app.errors import NotFound

UNFINISHED_SECONDS = 3600.0
"""After which nobody writes any more to a file that was last written to so long ago."""


class FolderBlobs:
    """A folder with the layout ``ab/cd/rest-of-digest``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming = root / "incoming"
        with told_when_full():
            self.incoming.mkdir(parents=True, exist_ok=True)

    def __str__(self) -> str:
        return str(self.root)

    def put(self, data: bytes | Iterable[bytes]) -> str:
        chunks = (data,) if isinstance(data, bytes) else data
        with told_when_full(), self._temporary() as (file, written):
            hasher = hashlib.sha256()
            for chunk in chunks:
                hasher.update(chunk)
                file.write(chunk)
            digest = hasher.hexdigest()
            if self._is_there(digest, size=file.tell()):
                return digest
            file.flush()
            os.fsync(file.fileno())
            self._publish(written, digest)
        return digest

    def read(self, digest: str) -> bytes:
        with self.open(digest) as file:
            return file.read()

    def open(self, digest: str) -> BinaryIO:
        try:
            return self.path(digest).open("rb")
        except FileNotFoundError:
            pass
        linked = self.linked(digest)
        if linked is None:
            raise NotFound("The stored file {digest} is missing.", digest=digest)
        return staying.open_checked(linked, digest)

    def link(self, digest: str, path: Path) -> None:
        if self.path(digest).exists():
            return
        pointer, told = self._pointer(digest), staying.pointer_to(path)
        with told_when_full(), self._temporary() as (file, written):
            pointer.parent.mkdir(parents=True, exist_ok=True)
            file.write(told)
            file.flush()
            os.fsync(file.fileno())
            written.rename(pointer)

    def linked(self, digest: str) -> Path | None:
        told = self._told(digest)
        return None if told is None else staying.path_in(told)

    def examine(self, digest: str) -> None:
        told = self._told(digest)
        if told is not None:
            staying.examine(told, digest)

    def remove(self, digest: str) -> None:
        with told_when_full():
            self.path(digest).unlink(missing_ok=True)

    def clear_unfinished(self) -> None:
        long_ago = time.time() - UNFINISHED_SECONDS
        for left in self.incoming.iterdir():
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < long_ago:
                    left.unlink()

    def find(self, digest: str) -> Stored | None:
        try:
            found = self.path(digest).stat()
        except FileNotFoundError:
            return None
        return Stored(digest, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def stored(self) -> Iterator[Stored]:
        for first in (f"{number:02x}" for number in range(256)):
            for second in _names_in(self.root / first):
                for rest in _names_in(self.root / first / second):
                    if (found := self.find(first + second + rest)) is not None:
                        yield found

    def path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest[2:4] / digest[4:]

    def _is_there(self, digest: str, size: int) -> bool:
        """Whether the bytes are stored; whoever cleans up then counts them as written now."""
        try:
            if self.path(digest).stat().st_size != size:
                return False  # damaged: a file is renamed to its place only when it is whole
            os.utime(self.path(digest))
        except FileNotFoundError:
            return False
        return True

    def _told(self, digest: str) -> bytes | None:
        if self.path(digest).exists():
            return None
        try:
            return self._pointer(digest).read_bytes()
        except FileNotFoundError:
            return None

    def _pointer(self, digest: str) -> Path:
        return self.root / "links" / digest[:2] / digest[2:4] / digest[4:]

    def _publish(self, written: Path, digest: str) -> None:
        target = self.path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        written.rename(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name must survive a power cut as well as the bytes
        finally:
            os.close(folder)

    @contextmanager
    def _temporary(self) -> Iterator[tuple[BinaryIO, Path]]:
        handle, name = tempfile.mkstemp(dir=self.incoming)
        written = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file, written
        finally:
            written.unlink(missing_ok=True)


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
