"""Everything from one database and place for blobs to others, of whichever kind.

Blobs go first, while others may still work, and a second time for what came meanwhile; this can be
killed and goes on where it ended. Rows follow in one transaction, during which nobody can write to
the source. Nothing is removed there.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.blobs import Blobs
from app.db import Database, make_engine
from app.domain.jobs import JobState, Part
from app.errors import Conflict, Damaged
from app.migrating import is_current, migrate
from app.services.blob_copying import Copied, copy_blobs
from app.services.blob_references import by_digest
from app.services.row_copying import Sum, copy_rows, is_empty, refuse_data, snapshot, sums_of
from ml.progress import OnProgress, silent


@dataclass(frozen=True)
class Moved:
    sums: dict[str, Sum]
    blobs: Copied
    again: bool
    """All rows had been moved before."""

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.sums.values())


def move(
    db: Database,
    source: Blobs,
    url: str,
    target: Blobs,
    heartbeat: timedelta,
    on_progress: OnProgress = silent,
) -> Moved:
    """Copy everything; run again, it copies what is missing.

    Raises:
        Conflict: workers are at work.
        Refused: the target holds other data.
    """
    done = _is_done(db, url, on_progress)
    if done is None:
        _refuse_work(db, heartbeat)
        migrate(url)
    copied = copy_named(db, source, target, on_progress)
    if copied.lost:
        raise Damaged(
            "{count} files are missing or damaged, the first is {first}. Nothing of the database "
            "was moved. `mothmask verify` tells what names them; bring them back from a backup.",
            count=len(copied.lost),
            first=copied.lost[0],
        )
    if done is not None:
        return Moved(done, copied, again=True)
    sums = copy_rows(db.engine, url, alone=True, on_progress=on_progress)
    late = copy_named(db, source, target, on_progress)
    late.copied, late.size = late.copied + copied.copied, late.size + copied.size
    return Moved(sums, late, again=False)


def copy_named(db: Database, source: Blobs, target: Blobs, on_progress: OnProgress) -> Copied:
    with db.reading() as session:
        return copy_blobs(source, target, (digest for digest, _ in by_digest(session)), on_progress)


def _is_done(db: Database, url: str, on_progress: OnProgress) -> dict[str, Sum] | None:
    """The sums, if the target holds exactly what the source does; refuses any other data."""
    engine = make_engine(url)
    try:
        with snapshot(engine) as there, snapshot(db.engine) as here:
            if is_empty(there):
                return None
            if not is_current(engine):
                refuse_data(there)
            sums = sums_of(here, on_progress)
            if sums != sums_of(there, on_progress):
                refuse_data(there)
            return sums
    finally:
        engine.dispose()


def _refuse_work(db: Database, heartbeat: timedelta) -> None:
    alive = Part.heartbeat_at > db.clock() - heartbeat
    running = select(Part.id).where(Part.state == JobState.RUNNING, alive).limit(1)
    with db.reading() as session:
        if session.scalar(running) is not None:
            raise Conflict(
                "Workers are at work here. Stop `mothmask up`, or all web servers and workers, "
                "and try again; what they were doing then goes on where you move it."
            )
