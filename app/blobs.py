"""Bytes named by their SHA-256: written once, atomically, and never overwritten."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from app.errors import DiskFull, NotFound

CHUNK = 1 << 20


class Blobs(Protocol):
    def put(self, data: bytes | Iterable[bytes]) -> str:
        """Store the bytes and return their digest."""

    def read(self, digest: str) -> bytes: ...

    def open(self, digest: str) -> BinaryIO: ...

    def remove(self, digest: str) -> None:
        """Forget bytes that no row names any more, such as an outdated checkpoint."""


class FolderBlobs:
    """A folder with the layout ``ab/cd/rest-of-digest``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming = root / "incoming"
        self.incoming.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes | Iterable[bytes]) -> str:
        chunks = (data,) if isinstance(data, bytes) else data
        with told_when_full(), self._temporary() as (file, written):
            hasher = hashlib.sha256()
            for chunk in chunks:
                hasher.update(chunk)
                file.write(chunk)
            digest = hasher.hexdigest()
            if self.path(digest).exists():
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
            raise NotFound("The stored file {digest} is missing.", digest=digest) from None

    def remove(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)

    def path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest[2:4] / digest[4:]

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


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


@contextmanager
def told_when_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from error
        raise
