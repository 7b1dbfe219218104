"""Which specimen is reviewed next, and why.

What `queue_score` makes of a specimen is stored with it, so that the next page costs the same with
a million specimens. What was put off waits behind what was not. At even distances a random check
comes instead of what is next by its score.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.domain.labelling import Candidate, Review
from app.domain.queue import Why
from app.domain.specimens import Specimen, SpecimenState
from app.services import queue_rule, queue_score
from app.services.counting import of_collection, state_counts
from app.services.queue_score import Signals, Weights


class Show(StrEnum):
    OPEN = "open"
    """Specimens without a label that have a candidate nobody rejected."""
    HAND = "hand"
    """Specimens all of whose candidates were rejected: they wait for a model or a hand."""
    SECOND = "second"
    """Labels that nobody has looked at a second time; see `app.services.second_look`."""


@dataclass(frozen=True)
class Reason:
    why: Why
    value: float


CHECKED = Reason(Why.CHECK, 0.0)


@dataclass(frozen=True)
class Pick:
    specimen: Specimen
    is_check: bool


@dataclass(frozen=True)
class QueueCounts:
    waiting: int
    labelled: int
    total: int


def settle_queue_place(session: Session, specimen: Specimen) -> None:
    settle_queue_places(session, [specimen])


def settle_queue_places(session: Session, specimens: Sequence[Specimen]) -> None:
    """Count and rank the candidates on each one's present crop, and derive priority and state."""
    session.flush()
    weights = queue_rule.weights(session)
    ids = [specimen.id for specimen in specimens]
    candidates: dict[int | None, list[Candidate]] = defaultdict(list)
    for candidate in session.scalars(select(Candidate).where(Candidate.specimen_id.in_(ids))):
        candidates[candidate.crop_id].append(candidate)
    for specimen in specimens:
        mine = candidates[specimen.crop_id]
        still_open = [candidate for candidate in mine if not candidate.rejected]
        best = max(still_open, key=lambda each: (each.score, -each.id), default=None)
        specimen.candidates, specimen.open_candidates = len(mine), len(still_open)
        specimen.best_candidate_id = best.id if best is not None else None
        specimen.best_score = best.score if best is not None else None
        specimen.lot = queue_score.lot(weights.seed, specimen.id)
        specimen.priority = queue_score.score(signals(specimen), weights)
        specimen.settle()


def signals(specimen: Specimen) -> Signals:
    return Signals(
        lot=specimen.lot,
        uncertainty=specimen.uncertainty,
        disagreement=specimen.disagreement,
        shortage=specimen.shortage,
        in_benchmark=specimen.in_benchmark,
    )


def next_specimens(
    session: Session, *, show: Show = Show.OPEN, exclude: Sequence[int] = (), limit: int = 6
) -> Sequence[Specimen]:
    return [pick.specimen for pick in picks(session, waiting(show, exclude), limit)]


def waiting(show: Show = Show.OPEN, exclude: Sequence[int] = ()) -> Select[Specimen]:
    """Specimens that wait, in no order yet."""
    query = select(Specimen).where(Specimen.state == SpecimenState.PROPOSED)
    if exclude:
        query = query.where(Specimen.id.not_in(exclude))
    if show is Show.HAND:
        return query.where(Specimen.open_candidates == 0)
    return query.where(Specimen.open_candidates > 0)


def picks(
    session: Session,
    queue: Select[Specimen],
    limit: int,
    *,
    checks: bool = True,
    shown: int | None = None,
) -> list[Pick]:
    """The next of those that wait; `shown` came since the last random check."""
    share = queue_rule.weights(session).check_share if checks else 0.0
    places = list(_check_places(share, limit, since_check(session) if shown is None else shown))
    order = Specimen.skips, Specimen.priority.desc(), Specimen.id
    ranked = iter(session.scalars(queue.order_by(*order).limit(limit)).all())
    lots = queue.order_by(Specimen.skips, Specimen.lot, Specimen.id).limit(limit)
    drawn = iter(session.scalars(lots).all() if places else ())
    return list(merged(limit, places, ranked, drawn))


def merged(
    limit: int, places: Collection[int], ranked: Iterator[Specimen], drawn: Iterator[Specimen]
) -> Iterator[Pick]:
    """What is ranked and, at some places, what was drawn; each once, and each while it lasts."""
    taken: set[int] = set()
    for place in range(limit):
        sources = (drawn, ranked) if place in places else (ranked, drawn)
        for source in sources:
            specimen = next((each for each in source if each.id not in taken), None)
            if specimen is not None:
                taken.add(specimen.id)
                yield Pick(specimen, source is drawn)
                break


def _check_places(share: float, limit: int, shown: int) -> Iterator[int]:
    for place in range(limit):
        shown += 1
        if queue_score.is_check(shown, share):
            shown = 0
            yield place


def since_check(session: Session) -> int:
    """How many were decided on since the last random check, as far as that matters."""
    last = select(func.coalesce(func.max(Review.id), 0)).where(Review.why == Why.CHECK)
    others = [why for why in Why if why is not Why.CHECK]
    since = select(Review.id).where(Review.why.in_(others), Review.id > last.scalar_subquery())
    return session.scalar(select(func.count()).select_from(since.limit(1000).subquery())) or 0


def counts(session: Session, show: Show = Show.OPEN) -> QueueCounts:
    """How many wait and are done: of a large collection, as it was some seconds ago."""
    by_state = state_counts(session)
    usable = sum(by_state.values()) - by_state[SpecimenState.UNUSABLE]
    waits = of_collection(session, f"waiting: {show}", lambda: left(session, show))
    return QueueCounts(waits, by_state[SpecimenState.LABELLED], usable)


def left(session: Session, show: Show = Show.OPEN) -> int:
    """How many wait."""
    return session.scalar(waiting(show).with_only_columns(func.count())) or 0


def reasons(session: Session, specimens: Sequence[Specimen]) -> dict[int, Reason]:
    """Why each of them is where it is."""
    if not specimens:
        return {}
    weights = queue_rule.weights(session)
    return {specimen.id: reason(specimen, weights) for specimen in specimens}


def reason(specimen: Specimen, weights: Weights) -> Reason:
    if specimen.version_id is not None:
        return Reason(Why.LABELLED, 0.0)
    if not specimen.open_candidates:
        return Reason(Why.NO_CANDIDATE, 0.0)
    if specimen.skips:
        return Reason(Why.PUT_OFF, float(specimen.skips))
    known = signals(specimen)
    why = next(iter(queue_score.shares(known, weights)))
    return Reason(why, queue_score.value(why, known))
