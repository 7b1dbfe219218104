"""Putting the queue in order anew, where that changes the places of many specimens at once.

Labels make strata less short, models change what is uncertain, and somebody may change the
weights. A worker looks at all that waits and writes to those whose place has changed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.jobs import OPEN, Job, JobKind, JobState, PartKind
from app.domain.labelling import Decision, Review
from app.domain.queue import QueueRule
from app.domain.specimens import Specimen, SpecimenState
from app.services import jobs, queue_rule, queue_score, queueing
from app.services.queue_score import Signals, Weights

EVERY = 25
"""Decisions after which the strata's shortage of labels is looked at anew."""
AT_A_TIME = 500
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_NONE = 0
"""Number of no stratum."""
_SAME = 1e-9
_CHANGERS = (JobKind.ROUND, JobKind.PREDICTIONS, JobKind.STRATA)


def keep_up(session: Session) -> Job | None:
    """Have the queue put in order if anything has happened since that it does not know of."""
    if session.scalar(_jobs(OPEN).limit(1)) is not None or not _is_due(session):
        return None
    return start(session)


def start(session: Session) -> Job:
    job = jobs.start(session, JobKind.QUEUE, None)
    jobs.add_part(session, job.id, PartKind.QUEUE, {})
    return job


def _jobs(states: Sequence[JobState]) -> Select[int]:
    return select(Job.id).where(Job.kind == JobKind.QUEUE, Job.state.in_(states))


def _is_due(session: Session) -> bool:
    mine = select(Job.created_at).where(Job.kind == JobKind.QUEUE).order_by(Job.id.desc())
    last: datetime | None = session.scalar(mine.limit(1))
    moment = now(session)
    if last is None or last > moment:  # a clock that was ahead has been put right
        last = _EVER
    # What seems to come later counts when its time has come, instead of all the time until then.
    ended = select(Job.id).where(
        Job.kind.in_(_CHANGERS),
        Job.state == JobState.DONE,
        Job.finished_at > last,
        Job.finished_at <= moment,
    )
    ruled = select(QueueRule.id).where(QueueRule.created_at > last, QueueRule.created_at <= moment)
    decided = select(Review.id).where(
        Review.decision.in_((Decision.ACCEPT, Decision.RETRACT)),
        Review.created_at > last,
        Review.created_at <= moment,
    )
    if any(session.scalar(query.limit(1)) is not None for query in (ended, ruled)):
        return True
    some = decided.limit(EVERY).subquery()
    return session.scalar(select(func.count()).select_from(some)) == EVERY


def changes(session: Session) -> dict[int, float]:
    """How far the strata are short of labels, for those specimens whose place that changes."""
    weights = queue_rule.weights(session)
    sizes, labels = _strata(session)
    quotas = queue_score.quotas(sizes, sum(labels.values()))
    before: dict[int, int] = defaultdict(int)
    changed: dict[int, float] = {}
    for place in sorted(_waiting(session, weights), key=_Place.order):
        short = 0.0
        if (stratum := place.stratum) in quotas and not place.signals.in_benchmark:
            short = queue_score.shortage(labels[stratum], before[stratum], quotas[stratum])
            before[stratum] += 1
        if place.moves(replace(place.signals, shortage=short), weights):
            changed[place.specimen_id] = short
    return changed


def store(session: Session, shortages: Mapping[int, float]) -> None:
    """Give specimens their places, for few at a time."""
    # In the order of numbers, as batches do: two that lock the same rows then wait in line.
    chosen = select(Specimen).where(Specimen.id.in_(shortages)).order_by(Specimen.id)
    specimens = session.scalars(chosen.with_for_update(of=Specimen)).all()
    for specimen in specimens:
        specimen.shortage = shortages[specimen.id]
    queueing.settle_queue_places(session, specimens)


@dataclass(frozen=True)
class _Place:
    """Where a specimen that waits is by now, and what is known of it but its stratum's shortage."""

    specimen_id: int
    stratum: int
    skips: int
    own_score: float
    signals: Signals
    priority: float
    lot: float

    def order(self) -> tuple[int, float, int]:
        return self.skips, -self.own_score, self.specimen_id

    def moves(self, signals: Signals, weights: Weights) -> bool:
        right = queue_score.score(signals, weights), queue_score.lot(weights.seed, self.specimen_id)
        return any(
            abs(found - wanted) > _SAME
            for found, wanted in zip((self.priority, self.lot), right, strict=True)
        )


def _waiting(session: Session, weights: Weights) -> Iterator[_Place]:
    query = queueing.waiting().with_only_columns(
        *(Specimen.id, Specimen.stratum, Specimen.skips, Specimen.priority, Specimen.lot),
        *(Specimen.uncertainty, Specimen.disagreement, Specimen.in_benchmark),
    )
    for row in session.execute(query):
        known = Signals(
            lot=queue_score.lot(weights.seed, row.id),
            uncertainty=row.uncertainty,
            disagreement=row.disagreement,
            in_benchmark=row.in_benchmark,
        )
        yield _Place(
            specimen_id=row.id,
            stratum=row.stratum or _NONE,
            skips=row.skips,
            own_score=queue_score.score(known, weights),
            signals=known,
            priority=row.priority,
            lot=row.lot,
        )


def _strata(session: Session) -> tuple[dict[int, int], dict[int, int]]:
    """Specimens and labels of each stratum; the benchmark teaches nothing and is left out."""
    sizes: dict[int, int] = defaultdict(int)
    labels: dict[int, int] = defaultdict(int)
    rows = session.execute(
        select(Specimen.stratum, Specimen.state, func.count())
        .where(
            Specimen.stratum.is_not(None),
            Specimen.state != SpecimenState.UNUSABLE,
            Specimen.in_benchmark.is_(False),
        )
        .group_by(Specimen.stratum, Specimen.state)
    )
    for stratum, state, count in rows:
        sizes[stratum or _NONE] += count
        labels[stratum or _NONE] += count if state is SpecimenState.LABELLED else 0
    return sizes, labels
