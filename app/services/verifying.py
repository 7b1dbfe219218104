"""Whether everything is there and unharmed: every digest, every reference, every number.

Reads only, while others work: each rule is one query, and what is missed among the blobs is asked
for again at the end, since a checkpoint or a draft may have been replaced meanwhile.
"""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError, OperationalError

from app.blobs import Blobs, Stored, chunks_of, digest_of
from app.db import Database
from app.errors import BrokenLink, Damaged, NotFound
from app.services import verifying_rows
from app.services.blob_references import Reference, is_named, side_by_side
from ml.progress import OnProgress, Progress, silent

SHARDS = 256
MOST_NAMED = 100


@dataclass(frozen=True)
class Fault:
    kind: str
    """`database`, `reference`, `sequence`, `derived`, `missing`, `damaged` or `link`."""
    what: str


@dataclass
class Report:
    """What was looked at, and what is wrong: all of it counted, the first of each kind named."""

    rules: int = 0
    blobs: int = 0
    size: int = 0
    references: int = 0
    linked: int = 0
    unnamed: int = 0
    """Blobs that no row names: no fault, `mothmask prune` removes them."""
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        return not self.counts

    def add(self, kind: str, what: str, count: int = 1) -> None:
        self.counts[kind] += count
        if sum(fault.kind == kind for fault in self.faults) < MOST_NAMED:
            self.faults.append(Fault(kind, what))


def verify(
    db: Database, blobs: Blobs, *, quick: bool = False, on_progress: OnProgress = silent
) -> Report:
    """Look at everything; `quick` leaves out reading the blobs, and only looks for them."""
    report = Report()
    try:
        _verify_rows(db, report, on_progress)
        _verify_blobs(db, blobs, report, quick, on_progress)
    except OperationalError:
        raise  # the database is away, which says nothing of what it holds
    except DatabaseError as error:
        report.add("database", f"{error.orig}; what follows could not be looked at")
    return report


def _verify_rows(db: Database, report: Report, on_progress: OnProgress) -> None:
    with db.reading() as session:
        for line in verifying_rows.file_faults(session):
            report.add("database", line)
    rules = list(verifying_rows.rules())
    for done, rule in enumerate(rules):
        on_progress(Progress("rows", done, len(rules), rule.name))
        with db.reading() as session:
            broken = rule.broken.subquery()
            if count := session.scalar(select(func.count()).select_from(broken)):
                keys = session.scalars(select(broken).limit(5)).all()
                named = ", ".join(map(str, keys)) + (" …" if count > len(keys) else "")
                report.add(rule.kind, f"{rule.name}: {count} rows, of {named}", count)
    report.rules = len(rules)
    on_progress(Progress("rows", len(rules), len(rules)))


def _verify_blobs(
    db: Database, blobs: Blobs, report: Report, quick: bool, on_progress: OnProgress
) -> None:
    missed: list[tuple[str, list[Reference]]] = []
    with db.reading() as session:
        for stored, named in side_by_side(blobs, session):
            if stored is not None:
                shard = int(stored.digest[:2], 16)
                on_progress(Progress("blobs", shard, SHARDS, f"{report.size / 1e9:.1f} GB"))
                _look_at(blobs, stored, named, report, quick)
            report.references += len(named)
            if stored is None and not _is_linked(blobs, named, report):
                missed.append((named[0].digest, named))
    for digest, named in missed:
        with db.reading() as session:
            if blobs.find(digest) is None and is_named(session, digest):
                report.add("missing", f"{digest}, named by {_names(named)}")
    on_progress(Progress("blobs", SHARDS, SHARDS, f"{report.size / 1e9:.1f} GB"))


def _look_at(
    blobs: Blobs, stored: Stored, named: list[Reference], report: Report, quick: bool
) -> None:
    report.blobs += 1
    report.size += stored.size
    report.unnamed += not named
    whose = f"named by {_names(named)}" if named else "named by no row"
    try:
        if not quick and not _is_whole(blobs, stored.digest):
            report.add("damaged", f"{stored.digest}, {whose}")
    except NotFound:
        return  # removed since it was listed; if a row names it, it is missed at the end
    except OSError as error:
        report.add("damaged", f"{stored.digest} cannot be read ({error.strerror}), {whose}")


def _is_whole(blobs: Blobs, digest: str) -> bool:
    try:
        with blobs.open(digest) as file:
            return digest_of(chunks_of(file)) == digest
    except Damaged:
        return False


def _is_linked(blobs: Blobs, named: list[Reference], report: Report) -> bool:
    """Whether the bytes lie in a file that stays where it is; if so, that is looked at."""
    digest = named[0].digest
    if blobs.linked(digest) is None:
        return False
    report.linked += 1
    try:
        blobs.examine(digest)
    except BrokenLink as broken:
        report.add("link", f"{broken} It is named by {_names(named)}.")
    return True


def _names(named: list[Reference]) -> str:
    return ", ".join(each.by for each in named[:3]) + (" …" if len(named) > 3 else "")
