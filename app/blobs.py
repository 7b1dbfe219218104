"""Bytes named by their SHA-256: written once, atomically, and never overwritten."""

import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from app.errors import BrokenLink, DiskFull, NotFound

CHUNK = 1 << 20
UNFINISHED_SECONDS = 3600.0
"""After which nobody writes any more to a file that was last written to so long ago."""


class Blobs(Protocol):
    def put(self, data: bytes | Iterable[bytes]) -> str:
        """Store the bytes and return their digest."""

    def link(self, digest: str, path: Path) -> None:
        """Remember that the bytes of this digest lie in a file that stays where it is."""

    def linked(self, digest: str) -> Path | None:
        """Return the file in which these bytes lie, where they were not copied."""

    def examine(self, digest: str) -> None:
        """Look whether a linked file is there and unchanged; it is read only if its time differs.

        Raises:
            BrokenLink: it is not.
        """

    def read(self, digest: str) -> bytes:
        """Return the bytes.

        Raises:
            NotFound: they are not there; `BrokenLink` where a linked file is gone or has changed.
        """

    def open(self, digest: str) -> BinaryIO:
        """Open the bytes for reading; refuses as `read` does."""

    def remove(self, digest: str) -> None:
        """Forget bytes that no row names any more, such as an outdated checkpoint."""

    def clear_unfinished(self) -> None:
        """Remove what processes left that were killed while they wrote."""


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
            pass
        linked = self.linked(digest)
        if linked is None:
            raise NotFound("The stored file {digest} is missing.", digest=digest)
        return open_checked(linked, digest)

    def link(self, digest: str, path: Path) -> None:
        if self.path(digest).exists():
            return
        found = path.stat()
        pointer = self._pointer(digest)
        pointer.parent.mkdir(parents=True, exist_ok=True)
        with told_when_full(), self._temporary() as (file, written):
            file.write(f"{found.st_size} {found.st_mtime_ns}\n".encode() + os.fsencode(path))
            file.flush()
            os.fsync(file.fileno())
            written.rename(pointer)

    def linked(self, digest: str) -> Path | None:
        if self.path(digest).exists():
            return None
        try:
            return Path(os.fsdecode(self._pointer(digest).read_bytes().partition(b"\n")[2]))
        except FileNotFoundError:
            return None

    def examine(self, digest: str) -> None:
        linked = self.linked(digest)
        if linked is None:
            return
        told = self._pointer(digest).read_bytes().partition(b"\n")[0].decode()
        try:
            found = linked.stat()
        except OSError as error:
            raise _missing(linked, error) from None
        if told.split()[0] != str(found.st_size):
            raise _changed(linked)
        if told != f"{found.st_size} {found.st_mtime_ns}":
            open_checked(linked, digest).close()

    def remove(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)

    def clear_unfinished(self) -> None:
        long_ago = time.time() - UNFINISHED_SECONDS
        for left in self.incoming.iterdir():
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < long_ago:
                    left.unlink()

    def path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest[2:4] / digest[4:]

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


def open_checked(path: Path, digest: str) -> BinaryIO:
    """Open a file that stays where it is, if its bytes are still those that were linked."""
    try:
        file = path.open("rb")
        found = digest_of(chunks_of(file))
    except OSError as error:
        raise _missing(path, error) from None
    if found != digest:
        file.close()
        raise _changed(path)
    file.seek(0)
    return file


def _missing(path: Path, error: OSError) -> BrokenLink:
    return BrokenLink(
        "The photograph stays at {path}, but cannot be read there: {problem}. Put it back, or "
        "import it again with --link from where it lies now.",
        path=shown_path(path),
        problem=error.strerror,
    )


def _changed(path: Path) -> BrokenLink:
    return BrokenLink(
        "The file {path} has changed since it was linked. Put the photograph back as it was, or "
        "import what is there now under another name.",
        path=shown_path(path),
    )


def shown_path(path: Path) -> str:
    return os.fsencode(path).decode(errors="replace")


def digest_of(chunks: Iterable[bytes]) -> str:
    hasher = hashlib.sha256()
    for chunk in chunks:
        hasher.update(chunk)
    return hasher.hexdigest()


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
