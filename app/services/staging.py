"""The way in: files are kept as they are, in groups that workers then look at.

One way for the command line, the upload form and the files in an archive.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from app.blobs import Blobs, chunks_of
from app.db import Database
from app.domain.jobs import JobKind, PartKind
from app.domain.photographs import ImportedFile, Outcome
from app.errors import Refused
from app.services import jobs, names, sources
from app.services.archives import Archive
from ml.progress import OnProgress, Progress, silent

FILES_PER_PART = 8

Item = TypeVar("Item")


@dataclass(frozen=True)
class Incoming:
    """A file on its way in. Reading `chunks` may raise `Refused`."""

    name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True)
class Staged:
    """A file whose bytes are kept, or that was refused for a reason."""

    name: str
    digest: str
    refused: Refused | None = None


def import_paths(
    db: Database,
    blobs: Blobs,
    paths: Sequence[Path],
    source_code: str,
    person_id: int | None = None,
    on_progress: OnProgress = silent,
) -> int:
    """Stage files, everything in folders, and archives; return the job that takes them in."""
    return import_files(db, blobs, incoming_at(paths), source_code, person_id, on_progress)


def incoming_at(paths: Sequence[Path]) -> list[Incoming]:
    """Files, everything in folders, and archives, with the names that people know them by."""
    found = [named for path in paths for named in _files_at(path)]
    return [Incoming(name, _chunks_at(path)) for name, path in found]


def import_files(
    db: Database,
    blobs: Blobs,
    files: Sequence[Incoming],
    source_code: str,
    person_id: int | None = None,
    on_progress: OnProgress = silent,
) -> int:
    if not files:
        raise Refused("There is nothing to import: choose a photograph, a folder or an archive.")
    with db.transaction() as session:
        source_id = sources.get_or_make(session, source_code).id
        job_id = jobs.start(session, JobKind.IMPORT, person_id, growing=True).id
    add = partial(add_files, job_id=job_id, source_id=source_id)
    stage_all(db, blobs, files, job_id, add, on_progress)
    return job_id


Add = Callable[[Session, Sequence[Staged]], None]
"""Records staged files, and adds the part in which a worker looks at them."""


def stage_all(
    db: Database,
    blobs: Blobs,
    files: Sequence[Incoming],
    job_id: int,
    add: Add,
    on_progress: OnProgress,
    size: int = FILES_PER_PART,
) -> None:
    """Keep files and record them in groups; the job grows meanwhile.

    What was staged is taken in, even if the rest could not be.
    """
    try:
        taken: set[str] = set()
        for number, group in enumerate(groups(files, size)):
            staged = []
            for done, incoming in enumerate(group, number * size):
                on_progress(Progress("staging", done, len(files), incoming.name))
                name = names.apart(names.shown(incoming.name), taken)
                staged.append(stage(blobs, name, _checked(incoming)))
            with db.transaction() as session:
                add(session, staged)
        on_progress(Progress("staging", len(files), len(files)))
    finally:
        with db.transaction() as session:
            jobs.all_parts_added(session, job_id)


def unpack(
    blobs: Blobs,
    archive: Archive,
    folder: str,
    known: Collection[str],
    on_progress: OnProgress,
    size: int = FILES_PER_PART,
) -> Iterator[list[Staged]]:
    """Keep the files of an archive in groups, but for those whose names are known already."""
    if not archive.entries:
        raise Refused("There are no files in the archive.")
    named = [(f"{folder}/{entry.name}", entry) for entry in archive.entries]
    remaining = [(name, entry) for name, entry in named if name not in known]
    done = len(named) - len(remaining)
    for group in groups(remaining, size):
        staged = []
        for name, entry in group:
            on_progress(Progress("unpacking", done, len(named), name))
            staged.append(stage(blobs, name, archive.chunks(entry)))
            done += 1
        yield staged


def stage(blobs: Blobs, name: str, chunks: Iterable[bytes]) -> Staged:
    """Keep the bytes of one file, or say why not."""
    try:
        return Staged(name, blobs.put(chunks))
    except Refused as refused:
        return Staged(name, "", refused)


def add_files(session: Session, staged: Sequence[Staged], *, job_id: int, source_id: int) -> None:
    """Record files, and add the part in which a worker looks at those that were kept."""
    rows = [
        ImportedFile(
            job_id=job_id,
            source_id=source_id,
            name=file.name,
            digest=file.digest,
            outcome=Outcome.REFUSED if file.refused else Outcome.WAITING,
            reason=str(file.refused or ""),
        )
        for file in staged
    ]
    session.add_all(rows)
    session.flush()
    waiting = [row.id for row in rows if row.outcome is Outcome.WAITING]
    if waiting:
        jobs.add_part(session, job_id, PartKind.TAKE_IN, {"files": waiting})


def groups(items: Iterable[Item], size: int = FILES_PER_PART) -> Iterator[list[Item]]:
    """Yield the items in lists of the size that one part takes in."""
    remaining = iter(items)
    while group := list(islice(remaining, size)):
        yield group


def _checked(incoming: Incoming) -> Iterator[bytes]:
    names.check(incoming.name)
    yield from incoming.chunks


def _files_at(path: Path) -> Iterator[tuple[str, Path]]:
    if not path.exists():
        raise Refused("There is no file or folder {path}.", path=path)
    if not path.is_dir():
        yield names.as_on_disk(path.name), path
        return
    top = path.resolve()
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if not names.is_litter(name))
        for name in sorted(files):
            file = Path(folder) / name
            if not names.is_litter(name) and file.is_file():
                yield names.as_on_disk(str(file.relative_to(top.parent))), file


def _chunks_at(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from chunks_of(file)
    except OSError as error:
        raise Refused("It cannot be read: {problem}.", problem=error.strerror) from error
