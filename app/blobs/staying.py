"""Files that stay where they are: what is kept of one is its path, size and time."""

import os
from pathlib import Path
from typing import BinaryIO

from app.blobs.protocol import chunks_of, digest_of
from app.errors import BrokenLink


def pointer_to(path: Path) -> bytes:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}\n".encode() + os.fsencode(path)


def path_in(pointer: bytes) -> Path:
    return Path(os.fsdecode(pointer.partition(b"\n")[2]))


def examine(pointer: bytes, digest: str) -> None:
    """Look whether the file is unchanged; it is read only if its time differs."""
    path, told = path_in(pointer), pointer.partition(b"\n")[0].decode()
    try:
        found = path.stat()
    except OSError as error:
        raise _missing(path, error) from None
    if told.split()[0] != str(found.st_size):
        raise _changed(path)
    if told != f"{found.st_size} {found.st_mtime_ns}":
        open_checked(path, digest).close()


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
