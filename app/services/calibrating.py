"""The order of candidates follows what curators accepted, source by source.

Own scores of methods and of models mean different things, and each source has its own difficulties.
After some decisions a worker learns how own scores relate to acceptance there, and scores the open
candidates anew; see `ml.acceptance`. Until then, and where it learns nothing better, a candidate's
score is its own.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.base import Json
from app.domain.calibrations import Calibration
from app.domain.jobs import OPEN, Job, JobKind, JobState, Part, PartKind
from app.domain.labelling import Candidate, Decision, Review
from app.domain.photographs import Source
from app.domain.specimens import Specimen, SpecimenState
from app.services import evidence, jobs, queueing
from ml.acceptance.learned import chance

EVERY = 25
"""Decisions in a source after which its order is learned anew."""
RECENT = 1000
"""Decisions of all sources among which they are counted, so that counting never takes longer."""


@dataclass(frozen=True)
class Standing:
    """What the order of candidates in a source rests on."""

    source: str
    calibration: Calibration

    @property
    def used(self) -> bool:
        """Otherwise own scores were no worse, and they order the candidates."""
        return bool(self.calibration.coefficients)


def notice(session: Session, source_id: int, *, enough: int = EVERY) -> None:
    """Have the order in a source learned anew if enough decisions have been made since."""
    if not _is_queued(session, source_id) and _decisions_since(session, source_id) >= enough:
        # Always a job of its own: whoever decides holds specimens, and must not wait for a job.
        job = jobs.start(session, JobKind.CALIBRATION, None)
        jobs.add_part(session, job.id, PartKind.CALIBRATE, {"source": source_id})


def notice_all(session: Session) -> None:
    """The same for every source in which anything was decided."""
    for source_id in session.scalars(select(Source.id).order_by(Source.id)):
        notice(session, source_id, enough=1)


def newest(session: Session, source_ids: Collection[int]) -> dict[int, Calibration]:
    """The calibration that counts in each of the sources, where there is one."""
    latest = (
        select(func.max(Calibration.id))
        .where(Calibration.source_id.in_(source_ids))
        .group_by(Calibration.source_id)
    )
    rows = session.scalars(select(Calibration).where(Calibration.id.in_(latest)))
    return {row.source_id: row for row in rows}


def standings(session: Session, sources: Collection[Source]) -> dict[int, Standing]:
    """By source, where anything was learned."""
    codes = {source.id: source.code for source in sources}
    found = newest(session, codes)
    return {id_: Standing(code, found[id_]) for id_, code in codes.items() if id_ in found}


def store(
    session: Session,
    source_id: int,
    *,
    decisions: int,
    coefficients: dict[str, float],
    quality: Json,
    learned_at: datetime,
) -> None:
    """Keep what was learned from the decisions up to a moment; from now on it counts."""
    session.add(
        Calibration(
            source_id=source_id,
            reviews=decisions,
            coefficients=coefficients,
            quality=quality,
            created_at=learned_at,
        )
    )


def open_specimens(session: Session, source_id: int, after: int, limit: int) -> Sequence[Specimen]:
    """Specimens of a source that wait for review, locked, in the order of their numbers."""
    query = (
        select(Specimen)
        .where(
            Specimen.source_id == source_id,
            Specimen.state == SpecimenState.PROPOSED,
            Specimen.id > after,
        )
        .order_by(Specimen.id)
        .limit(limit)
    )
    return session.scalars(query.with_for_update(of=Specimen)).all()


def score(session: Session, specimens: Sequence[Specimen]) -> None:
    """Score the candidates on each one's present crop by what counts in its source.

    The specimens are locked; their places in the queue are still to be settled.
    """
    session.flush()
    calibrations = newest(session, {specimen.source_id for specimen in specimens})
    on_crop: dict[int, list[Candidate]] = defaultdict(list)
    crops = [specimen.crop_id for specimen in specimens]
    for candidate in session.scalars(select(Candidate).where(Candidate.crop_id.in_(crops))):
        on_crop[candidate.specimen_id].append(candidate)
    for specimen in specimens:
        calibration = calibrations.get(specimen.source_id)
        _score(on_crop[specimen.id], calibration.coefficients if calibration is not None else {})


def settle(session: Session, specimens: Sequence[Specimen]) -> None:
    """Score the candidates of locked specimens, and give each its place in the queue."""
    score(session, specimens)
    queueing.settle_queue_places(session, specimens)


def _score(candidates: Sequence[Candidate], coefficients: Json) -> None:
    for candidate in candidates:
        if not coefficients or evidence.is_uploaded(candidate):
            candidate.score = candidate.own_score
        else:
            candidate.score = chance(evidence.facts(candidate, candidates), coefficients)


def _decisions_since(session: Session, source_id: int) -> int:
    """Decisions in a source, among the newest of all, since it was last learned from.

    Where that failed, it is tried again after as many more, not after each.
    """
    moments = (_learned_at(session, source_id), _failed_at(session, source_id))
    present = now(session)  # what is later was written before a clock was put right
    since = max((each for each in moments if each is not None and each <= present), default=None)
    # Looked up for each: joined, the database would rather read all specimens of the source.
    source = select(Specimen.source_id).where(Specimen.id == Review.specimen_id).scalar_subquery()
    newest_of_all = (
        select(source.label("source_id"))
        .where(
            Review.decision.in_((Decision.ACCEPT, Decision.REJECT)), Review.created_at <= present
        )
        .order_by(Review.created_at.desc(), Review.id.desc())
        .limit(RECENT)
    )
    if since is not None:
        newest_of_all = newest_of_all.where(Review.created_at > since)
    recent = newest_of_all.subquery()
    mine = select(func.count()).select_from(recent).where(recent.c.source_id == source_id)
    return session.scalar(mine) or 0


def _learned_at(session: Session, source_id: int) -> datetime | None:
    mine = select(Calibration.created_at).where(Calibration.source_id == source_id)
    return session.scalar(mine.order_by(Calibration.id.desc()).limit(1))


def _failed_at(session: Session, source_id: int) -> datetime | None:
    ended = _jobs_of(source_id, (JobState.FAILED, JobState.CANCELLED))
    query = ended.with_only_columns(Job.finished_at).order_by(Job.id.desc())
    return session.scalar(query.limit(1))


def _is_queued(session: Session, source_id: int) -> bool:
    """Whether it waits or runs already."""
    return session.scalar(_jobs_of(source_id, OPEN).limit(1)) is not None


def _jobs_of(source_id: int, states: Sequence[JobState]) -> Select[int]:
    return (
        select(Job.id)
        .join(Part, Part.job_id == Job.id)
        .where(
            Job.kind == JobKind.CALIBRATION,
            Job.state.in_(states),
            Part.payload["source"].as_integer() == source_id,
        )
    )
