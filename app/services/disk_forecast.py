"""How much what is stored takes, how fast it grows, and when the disk will be full.

Estimated from some rows of each kind, so that it costs the same whatever the collection holds: rows
are numbered as they come, so the highest number counts them, and what came since a day is found by
halving.
"""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.blobs import Blobs, FolderBlobs
from app.domain.jobs import Job
from app.domain.labelling import Candidate, LabelVersion
from app.domain.photographs import Photograph
from app.domain.rounds import TrainedModel
from app.domain.specimens import Crop, CropMap
from app.services.blob_references import digests_in

SAMPLE = 30
LATELY = timedelta(days=28)
SOON = timedelta(days=60)
LEAST_FREE = 0.1


@dataclass(frozen=True)
class Kind:
    code: str
    table: Any
    """Has `id` and `created_at`."""
    digests: Callable[[Session, int], Iterable[str | None]]
    """Of the blobs that this row brought."""


@dataclass(frozen=True)
class Taken:
    """About how much one kind of file takes."""

    code: str
    rows: int
    size: float
    per_day: float
    """Bytes, lately."""


@dataclass(frozen=True)
class Disk:
    free: int
    total: int


@dataclass(frozen=True)
class Forecast:
    kinds: list[Taken]
    database: int
    """Bytes."""
    disk: Disk | None
    """None where blobs are in a bucket, which is never full."""
    full_in: timedelta | None
    """None where it does not grow, or is never full."""

    @property
    def size(self) -> float:
        return sum(kind.size for kind in self.kinds) + self.database

    @property
    def per_day(self) -> float:
        return sum(kind.per_day for kind in self.kinds)

    @property
    def is_close(self) -> bool:
        """Somebody should do something."""
        if self.disk is None:
            return False
        soon = self.full_in is not None and self.full_in < SOON
        return soon or self.disk.free < LEAST_FREE * self.disk.total


def forecast(session: Session, blobs: Blobs, moment: datetime) -> Forecast:
    kinds = [_taken(session, blobs, kind, moment) for kind in KINDS]
    disk = _disk(blobs)
    per_day = sum(kind.per_day for kind in kinds)
    full_in = None
    if disk is not None and per_day > 0:
        # Beyond what a calendar can say it makes no difference.
        full_in = timedelta(days=min(disk.free / per_day, 36_500))
    return Forecast(kinds, database_size(session), disk, full_in)


def database_size(session: Session) -> int:
    if session.get_bind().dialect.name == "postgresql":
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages, size = (session.scalar(text(f"PRAGMA {name}")) for name in ("page_count", "page_size"))
    return int(pages or 0) * int(size or 0)


def _disk(blobs: Blobs) -> Disk | None:
    if not isinstance(blobs, FolderBlobs):
        return None
    usage = shutil.disk_usage(blobs.root)
    return Disk(usage.free, usage.total)


def _taken(session: Session, blobs: Blobs, kind: Kind, moment: datetime) -> Taken:
    highest = session.scalar(select(func.max(kind.table.id))) or 0
    if not highest:
        return Taken(kind.code, 0, 0.0, 0.0)
    since = moment - LATELY
    before = _highest_before(session, kind.table, since, highest)
    oldest = session.scalar(select(kind.table.created_at).order_by(kind.table.id).limit(1))
    days = max((moment - max(oldest or since, since)) / timedelta(days=1), 1.0)
    lately = (highest - before) * _mean_size(session, blobs, kind, before, highest)
    return Taken(
        kind.code,
        highest,
        highest * _mean_size(session, blobs, kind, 0, highest),
        lately / days,
    )


def _highest_before(session: Session, table: Any, since: datetime, highest: int) -> int:
    """The number of the last row that is older; 0 if none is."""
    low, high = 0, highest
    while low < high:
        middle = (low + high + 1) // 2
        at = select(table.created_at).where(table.id >= middle).order_by(table.id).limit(1)
        found = session.scalar(at)
        if found is not None and found < since:
            low = middle
        else:
            high = middle - 1
    return low


def _mean_size(session: Session, blobs: Blobs, kind: Kind, before: int, last: int) -> float:
    """Bytes per row, of some rows spread evenly."""
    count = min(SAMPLE, last - before)
    if not count:
        return 0.0
    wanted = [before + 1 + (last - before - 1) * step // count for step in range(count)]
    return sum(_size(session, blobs, kind, number) for number in wanted) / count


def _size(session: Session, blobs: Blobs, kind: Kind, number: int) -> int:
    found = (blobs.find(digest) for digest in set(kind.digests(session, number)) if digest)
    return sum(stored.size for stored in found if stored is not None)


def _of(*columns: Any) -> Callable[[Session, int], Sequence[str | None]]:
    def digests(session: Session, number: int) -> Sequence[str | None]:
        row = session.execute(select(*columns).where(columns[0].class_.id == number)).first()
        return [] if row is None else list(row)

    return digests


def _maps(session: Session, number: int) -> Sequence[str]:
    return session.scalars(select(CropMap.digest).where(CropMap.crop_id == number)).all()


def _own_masks(session: Session, number: int) -> Sequence[str]:
    """An accepted candidate's mask is the candidate's."""
    own = LabelVersion.candidate_id.is_(None)
    return session.scalars(select(LabelVersion.digest).where(LabelVersion.id == number, own)).all()


def _archives(session: Session, number: int) -> Iterable[str]:
    return digests_in(session.scalar(select(Job.result).where(Job.id == number)))


KINDS = (
    Kind("photographs", Photograph, _of(Photograph.digest)),
    Kind("crops", Crop, _of(Crop.digest, Crop.preview_digest)),
    Kind("maps", Crop, _maps),
    Kind("candidates", Candidate, _of(Candidate.digest)),
    Kind("labels", LabelVersion, _own_masks),
    Kind("probabilities", Candidate, _of(Candidate.probability_digest)),
    Kind("models", TrainedModel, _of(TrainedModel.weights_digest, TrainedModel.card_digest)),
    Kind("archives", Job, _archives),
)
