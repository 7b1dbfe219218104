"""What every place for blobs can do, and what all of them need for it."""

import errno
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from app.errors import DiskFull, ReadOnly

CHUNK = 1 << 20


@dataclass(frozen=True, order=True)
class Stored:
    """A blob that is there, as far as its place tells without reading it."""

    digest: str
    size: int
    written_at: datetime
    """Or handed in again, whichever is later."""


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

    def find(self, digest: str) -> Stored | None:
        """What is stored under this digest, without reading it; linked files are not stored."""

    def stored(self) -> Iterator[Stored]:
        """All that is stored, in the order of digests."""


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
    """Tell in a sentence that a disk is full, or that nothing may be written to it."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise ReadOnly(str(error.filename or ""), error.strerror or str(error)) from error
        raise
