"""The way in: files are kept as they are, in groups that workers then look at.

One way for the command line, the upload form and the files in an archive.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.blobs import Blobs, digest_of
from app.db import Database
from app.domain.jobs import JobState, PartKind
from app.errors import Conflict, Refused
from app.services import jobs, names
from app.services.archives import OpenArchive
from app.services.folders import CannotBeRead, Files, Incoming, groups
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress, Progress

FILES_PER_PART = 8
BEAT_SECONDS = 1.0


@dataclass(frozen=True)
class Staged:
    """A file whose bytes are kept, or that was refused for a reason."""

    name: str
    digest: str
    refused: Refused | None = None
    stamp: str = ""
    stays_at: Path | None = None


Add = Callable[[Session, Sequence[Staged]], None]
"""Records staged files, and adds the part in which a worker looks at them."""


def begin(session: Session, job_id: int) -> ClaimedPart:
    """Add the part that holds the job open while files are handed in; this process does it."""
    part = jobs.add_part(session, job_id, PartKind.STAGE, {})
    claimed = jobs.claim(session, part.id)
    assert claimed is not None  # nobody else has seen it
    return claimed


def stage_all(
    db: Database,
    blobs: Blobs,
    files: Files,
    part: ClaimedPart,
    add: Add,
    on_progress: OnProgress,
    size: int = FILES_PER_PART,
) -> None:
    """Keep files, on all cores, and record them in groups; the job grows meanwhile.

    What was staged is taken in, even if the rest could not be.
    """
    tell = _Telling(db, part, on_progress)
    cores, done = len(os.sched_getaffinity(0)), 0
    try:
        with ThreadPoolExecutor(cores) as pool:
            begun = (pool.submit(_stage_checked, blobs, file) for file in files)
            for group in groups(_in_order(begun, 2 * cores + size, tell), size):
                with db.transaction() as session:
                    add(session, group)
                done += len(group)
                tell(Progress("staging", done, max(done, len(files)), group[-1].name))
    finally:
        with db.transaction() as session:
            jobs.finish(session, part)


class _Telling:
    """Says how far staging is: to whoever watches, and once a second to the database."""

    def __init__(self, db: Database, part: ClaimedPart, on_progress: OnProgress) -> None:
        self.db, self.part, self.on_progress = db, part, on_progress
        self.told = Progress("staging", 0, 0)
        self.beat_at = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        self.told = progress
        self.on_progress(progress)
        self.beat()

    def beat(self) -> None:
        if time.monotonic() - self.beat_at < BEAT_SECONDS:
            return
        self.beat_at = time.monotonic()
        with self.db.transaction() as session:
            if not jobs.report(session, self.part, self.told):
                _refuse_cancelled(session, self.part.job_id)


def _refuse_cancelled(session: Session, job_id: int) -> None:
    if jobs.get_job(session, job_id).state is JobState.CANCELLED:
        raise Conflict("Job {number} was cancelled; what it had taken in stays.", number=job_id)


def _in_order(begun: Iterable[Future[Staged]], ahead: int, tell: _Telling) -> Iterator[Staged]:
    """Yield results in their order, while at most so many are under way or wait to be fetched."""
    under_way, remaining = deque[Future[Staged]](), iter(begun)
    while True:
        under_way.extend(islice(remaining, ahead - len(under_way)))
        if not under_way:
            return
        first = under_way.popleft()
        while not wait([first], BEAT_SECONDS).done:
            tell.beat()
        yield first.result()


def unpack(
    blobs: Blobs,
    archive: OpenArchive,
    folder: str,
    known: Collection[str],
    on_progress: OnProgress,
    size: int = FILES_PER_PART,
) -> Iterator[list[Staged]]:
    """Keep the files of an archive in groups, but for those whose names are known already."""
    if not archive.contents.names:
        raise Refused("There are no files in the archive.")
    named = [(f"{folder}/{name}", number) for number, name in enumerate(archive.contents.names)]
    remaining = [(name, number) for name, number in named if name not in known]
    done = len(named) - len(remaining)
    for group in groups(remaining, size):
        staged = []
        for name, number in group:
            on_progress(Progress("unpacking", done, len(named), name))
            staged.append(stage(blobs, name, archive.chunks(number)))
            done += 1
        yield staged


def stage(blobs: Blobs, name: str, chunks: Iterable[bytes]) -> Staged:
    """Keep the bytes of one file, or say why not."""
    try:
        return Staged(name, blobs.put(chunks))
    except Refused as refused:
        return Staged(name, "", refused)


def _stage_checked(blobs: Blobs, file: Incoming) -> Staged:
    name = names.shown(file.name)
    try:
        names.check(file.name)
        digest = _kept(blobs, file)
    except CannotBeRead as refused:
        return Staged(name, "", refused)  # as if nobody had seen it yet
    except Refused as refused:
        return Staged(name, "", refused, file.stamp)
    return Staged(name, digest, None, file.stamp, file.stays_at)


def _kept(blobs: Blobs, file: Incoming) -> str:
    if file.stays_at is None:
        return blobs.put(file.chunks)
    digest = digest_of(file.chunks)
    blobs.link(digest, file.stays_at)
    return digest


def apart(
    session: Session,
    column: InstrumentedAttribute[str],
    among: ColumnElement[bool],
    staged: Sequence[Staged],
) -> list[str]:
    """Return the names of files, changed where another file of the import has that name already."""
    names_here = [file.name for file in staged]
    taken = set(session.scalars(select(column).where(among, column.in_(names_here))))
    twice = taken.union(name for name in names_here if names_here.count(name) > 1)
    if twice:  # rare, and only then it matters which numbered names there are
        numbered = or_(*(column.startswith(f"{name} (", autoescape=True) for name in twice))
        taken.update(session.scalars(select(column).where(among, numbered)))
    return [names.apart(name, taken) for name in names_here]
