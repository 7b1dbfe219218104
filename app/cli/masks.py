"""Masks from files by the command line: read here, beside whatever workers run, then taken."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.cli.following import bar_of_own_work, follow
from app.db import Database
from app.domain.jobs import JobState, Part
from app.domain.mask_imports import MaskKind, MaskOutcome, TakenAs
from app.services import jobs, mask_imports, mask_reading, mask_taking, people
from app.services.jobs import ClaimedPart
from app.services.mask_taking import Wanted
from ml.progress import OnProgress, Progress

PAGE = 200
BEAT_SECONDS = 5.0


class _TakenAway(Exception):
    """The job was cancelled, or a worker does the part because this process was silent too long."""


@dataclass(frozen=True)
class MaskWishes:
    """What the person at the terminal asked for."""

    paths: Sequence[Path]
    kind: MaskKind | None
    accept: bool
    person: str


def import_masks(console: Console, database: Database, blobs: Blobs, wishes: MaskWishes) -> bool:
    """Hand in, read and take masks, and tell what came of each; True if any was taken."""
    with database.transaction() as session:
        person_id = people.get_or_make(session, wishes.person).id
    with bar_of_own_work(console) as on_progress:
        import_id = mask_imports.start_paths(
            database, blobs, wishes.paths, person_id, wishes.kind, on_progress
        )
        with database.reading() as session:
            job_id = mask_imports.get(session, import_id).job_id
        _read_here(database, blobs, import_id, job_id, on_progress)
    if not follow(console, database, job_id):
        return False
    as_ = TakenAs.VERSIONS if wishes.accept else TakenAs.CANDIDATES
    with database.transaction() as session:
        done = mask_taking.take(session, import_id, person_id, as_, Wanted())
    _tell(console, database, import_id)
    made = "label versions were made" if wishes.accept else "candidates wait for review"
    console.print(f"{done.taken} {made}; see the import at /mask-imports/{import_id}.")
    return done.taken > 0


def _read_here(
    database: Database, blobs: Blobs, import_id: int, job_id: int, on_progress: OnProgress
) -> None:
    """Do what no worker has begun with; several may be at it at once."""
    while (part := _claimed(database, job_id)) is not None:
        with suppress(_TakenAway), _finished_or_handed_back(database, part):
            mask_reading.read_files(
                database,
                blobs,
                part.payload["files"],
                _storing(database, part),
                _beating(database, part),
            )
        with database.reading() as session:
            counts = mask_imports.counts(session, import_id)
        total = sum(counts.values())
        on_progress(Progress("reading", total - counts[MaskOutcome.WAITING], total))


@contextmanager
def _finished_or_handed_back(database: Database, part: ClaimedPart) -> Iterator[None]:
    """Whatever stops this process, somebody else can do the part."""
    end = jobs.hand_back
    try:
        yield
        end = jobs.finish
    finally:
        with database.transaction() as session:
            end(session, part)


def _claimed(database: Database, job_id: int) -> ClaimedPart | None:
    waiting = select(Part.id).where(Part.job_id == job_id, Part.state == JobState.QUEUED)
    while True:
        with database.transaction() as session:
            part_id = session.scalar(waiting.order_by(Part.id).limit(1))
            if part_id is None:
                return None
            if (part := jobs.claim(session, part_id)) is not None:
                return part


def _storing(
    database: Database, part: ClaimedPart
) -> Callable[[], AbstractContextManager[Session]]:
    @contextmanager
    def begin() -> Iterator[Session]:
        with database.transaction() as session:
            if not jobs.hold(session, part):
                raise _TakenAway
            yield session

    return begin


def _beating(database: Database, part: ClaimedPart) -> OnProgress:
    """Reports seldom: they only show that somebody is still at it."""
    last = time.monotonic()

    def report(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last > BEAT_SECONDS:
            last = time.monotonic()
            with database.transaction() as session:
                jobs.report(session, part, progress)

    return report


def _tell(console: Console, database: Database, import_id: int) -> None:
    with database.reading() as session:
        counts = mask_imports.counts(session, import_id)
    table = Table("files", "", box=None, pad_edge=False)
    for outcome, count in counts.items():
        if count:
            table.add_row(outcome.value, str(count))
    console.print(table)
    after: int | None = 0
    while after is not None:
        with database.reading() as session:
            page = mask_imports.files(session, import_id, after=after, limit=PAGE)
        for file in page.files:
            if not file.is_taken:
                reason = file.reason
                why = reason["template"].format(**reason["values"]) if reason else ""
                console.print(f"  {file.name}: {why}")
        after = page.next_after
