"""What lies at paths: files, and everything in folders, walked lazily and never held."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NoReturn, Protocol, TypeVar

from app.blobs import chunks_of
from app.errors import Refused
from app.services import names

Item = TypeVar("Item")


@dataclass(frozen=True)
class Incoming:
    """A file on its way in. Reading `chunks` may raise `Refused`."""

    name: str
    chunks: Iterable[bytes]
    stamp: str = ""
    """Changes whenever the file at this path does; empty where it comes without a path."""
    stays_at: Path | None = None
    """Where a file lies that is not to be copied."""


class Files(Protocol):
    """Files on their way in, which may be many more than memory would hold."""

    def __iter__(self) -> Iterator[Incoming]: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True)
class FilesAt:
    """Files, everything in folders, and archives, with the names that people know them by.

    Counting walks the folders once more: what comes or goes meanwhile makes the count a guess.
    """

    paths: Sequence[Path]
    link: bool = False

    def __iter__(self) -> Iterator[Incoming]:
        for path, above, problem in self._found():
            yield self._incoming(path, above, problem)

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _count(self) -> int:
        return sum(1 for _ in self._found())

    def _found(self) -> Iterator["_Found"]:
        for path in self.paths:
            if _is_folder(path):
                top = path.resolve()
                yield from _inside(top, top.parent)
            else:
                yield path.absolute(), path.absolute().parent, None

    def _incoming(self, path: Path, above: Path, problem: OSError | None) -> Incoming:
        name = names.as_on_disk(str(path.relative_to(above)))
        if problem is not None:
            return Incoming(name, map(_refuse, [problem]))
        return Incoming(name, chunks_at(path), stamp_of(path), path if self.link else None)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError:
        raise Refused("There is no file or folder {path}.", path=path) from None
    except OSError as error:  # such as a share that does not answer
        raise Refused(
            "{path} cannot be reached: {problem}.", path=path, problem=error.strerror
        ) from None


_Found = tuple[Path, Path, OSError | None]
"""A path, the folder above what was asked for, and why a folder cannot be read."""


def _inside(folder: Path, above: Path) -> Iterator[_Found]:
    try:
        with os.scandir(folder) as entries:
            kept = [entry for entry in entries if not names.is_litter(entry.name)]
        here = sorted(kept, key=lambda entry: entry.name)
        folders = [entry for entry in here if entry.is_dir(follow_symlinks=False)]
        # What a link leads to is a file or nothing: following folders could go in circles.
        files = [entry for entry in here if entry.is_file()]
    except OSError as error:
        yield folder, above, error
        return
    for entry in files:
        yield Path(entry.path), above, None
    for entry in folders:
        yield from _inside(Path(entry.path), above)


def stamp_of(path: Path) -> str:
    """Of a file as it is now: where it lies, how large it is, and when it last changed."""
    try:
        found = path.stat()
    except OSError:
        return ""
    told = os.fsencode(path) + f"\0{found.st_size}\0{found.st_mtime_ns}".encode()
    return hashlib.sha256(told).hexdigest()


def chunks_at(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from chunks_of(file)
    except OSError as error:
        _refuse(error)


class CannotBeRead(Refused):
    """Now, but perhaps later: a share was gone, or a file was locked."""


def _refuse(problem: OSError) -> NoReturn:
    raise CannotBeRead("It cannot be read: {problem}.", problem=problem.strerror) from problem


def groups(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of this size; the last one may be shorter."""
    remaining = iter(items)
    while group := list(islice(remaining, size)):
        yield group
