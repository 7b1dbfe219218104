"""What may go: maps of probability and rejected masks of old rounds, and files no row names.

Never a label version, a review or a photograph. A rejected candidate stays, with who rejected it
and why; only its mask goes, and only where nothing will ask for it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database
from app.domain.labelling import Candidate, LabelVersion
from app.domain.mask_imports import MaskFile
from app.domain.queue import RandomCheck
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Specimen
from app.services.blob_references import side_by_side
from ml.progress import OnProgress, Progress, silent

AT_ONCE = 1000
SHARDS = 256


@dataclass
class Pruned:
    maps: int = 0
    masks: int = 0
    """Of rejected candidates."""
    files: int = 0
    size: int = 0
    young: int = 0
    """Files that no row names, but that came too lately to be removed."""


def prune(
    db: Database,
    blobs: Blobs,
    *,
    rounds: int,
    grace: timedelta,
    really: bool = True,
    on_progress: OnProgress = silent,
) -> Pruned:
    """Remove what is older than the last rounds, and what no row has named for a while.

    Args:
        rounds: how many of the last rounds keep everything.
        grace: a file is left for so long after it was last handed in: its row may be coming.
        really: otherwise nothing is removed, and what a first run would remove is counted.
    """
    found = Pruned()
    with db.reading() as session:
        oldest = _oldest_kept(session, rounds)
    if oldest is not None:
        found.maps = _forget(
            db, "maps", _old_maps(oldest), {"probability_digest": None}, really, on_progress
        )
        found.masks = _forget(
            db, "masks", _old_masks(oldest), {"pruned": True}, really, on_progress
        )
    _remove_files(db, blobs, db.clock() - grace, found, really, on_progress)
    return found


def _oldest_kept(session: Session, rounds: int) -> Round | None:
    """The first of the last rounds; None where there are no more than these."""
    newest = select(Round).order_by(Round.number.desc()).offset(rounds - 1).limit(1)
    return session.scalars(newest).first()


def _old_maps(oldest: Round) -> Select[int]:
    return (
        select(Candidate.id)
        .join(TrainedModel, TrainedModel.id == Candidate.model_id)
        .join(Round, Round.id == TrainedModel.round_id)
        .where(Round.number < oldest.number, Candidate.probability_digest.is_not(None))
    )


def _old_masks(oldest: Round) -> Select[int]:
    """Members of the benchmark show what each model made of them, whatever was said of it."""
    member = select(Specimen.id).where(Specimen.in_benchmark)
    return select(Candidate.id).where(
        Candidate.rejected,
        Candidate.pruned.is_(False),
        Candidate.created_at < oldest.created_at,
        Candidate.specimen_id.not_in(member),
        ~_asked_for(),
    )


def _asked_for() -> ColumnElement[bool]:
    """A label was made of it, it came as a file, or it is still to be compared with a label."""
    label = select(LabelVersion.id).where(LabelVersion.candidate_id == Candidate.id).exists()
    file = select(MaskFile.id).where(MaskFile.candidate_id == Candidate.id).exists()
    check = select(RandomCheck.review_id).where(
        RandomCheck.candidate_id == Candidate.id, RandomCheck.dice.is_(None)
    )
    return label | file | check.exists()


def _forget(
    db: Database,
    stage: str,
    old: Select[int],
    values: dict[str, object],
    really: bool,
    on_progress: OnProgress,
) -> int:
    """Few at a time, so that nobody waits long; a second run goes on."""
    with db.reading() as session:
        total = session.scalar(select(func.count()).select_from(old.subquery())) or 0
    done = 0
    while really and (ids := _some(db, old)):
        with db.transaction() as session:
            # Asked again: a rejection may have been taken back since.
            still = update(Candidate).where(Candidate.id.in_(ids), Candidate.id.in_(old))
            session.execute(still.values(values).execution_options(synchronize_session=False))
        done += len(ids)
        on_progress(Progress(stage, min(done, total), total))
    return total


def _some(db: Database, old: Select[int]) -> Sequence[int]:
    with db.reading() as session:
        return session.scalars(old.order_by(Candidate.id).limit(AT_ONCE)).all()


def _remove_files(
    db: Database,
    blobs: Blobs,
    before: datetime,
    found: Pruned,
    really: bool,
    on_progress: OnProgress,
) -> None:
    with db.reading() as session:
        for stored, named in side_by_side(blobs, session):
            if stored is None or named:
                continue
            # Looked at again: somebody may have handed in the same bytes since they were listed.
            again = blobs.find(stored.digest)
            if again is None or again.written_at >= before:
                found.young += again is not None
                continue
            if really:
                blobs.remove(stored.digest)
            found.files += 1
            found.size += stored.size
            on_progress(Progress("files", int(stored.digest[:2], 16), SHARDS))
    on_progress(Progress("files", SHARDS, SHARDS))
