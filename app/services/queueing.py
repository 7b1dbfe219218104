"""Which specimen is reviewed next, and why.

Before there is a model, the specimen whose best candidate scores highest comes first: quick
acceptances give the first training set. Once a model has predicted, the most uncertain comes first:
there a decision teaches most. What was put off waits behind what was not.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.domain.labelling import Candidate
from app.domain.specimens import Specimen, SpecimenState


class Show(StrEnum):
    OPEN = "open"
    """Specimens without a label that have a candidate nobody rejected."""
    HAND = "hand"
    """Specimens all of whose candidates were rejected: they wait for a model or a hand."""


class Why(StrEnum):
    UNCERTAIN = "uncertain"
    PROMISING = "promising"
    PUT_OFF = "put-off"
    NO_CANDIDATE = "no-candidate"
    LABELLED = "labelled"


@dataclass(frozen=True)
class Reason:
    why: Why
    value: float


@dataclass(frozen=True)
class QueueCounts:
    waiting: int
    labelled: int
    total: int


def settle_queue_place(session: Session, specimen: Specimen) -> None:
    settle_queue_places(session, [specimen])


def settle_queue_places(session: Session, specimens: Sequence[Specimen]) -> None:
    """Count the candidates on each one's present crop anew, and derive priority and state."""
    session.flush()
    ids = [specimen.id for specimen in specimens]
    candidates: dict[int | None, list[Candidate]] = defaultdict(list)
    for candidate in session.scalars(select(Candidate).where(Candidate.specimen_id.in_(ids))):
        candidates[candidate.crop_id].append(candidate)
    for specimen in specimens:
        _settle(specimen, candidates[specimen.crop_id])


def _settle(specimen: Specimen, candidates: Sequence[Candidate]) -> None:
    still_open = [candidate for candidate in candidates if not candidate.rejected]
    specimen.candidates = len(candidates)
    specimen.open_candidates = len(still_open)
    best_score = max((candidate.score for candidate in still_open), default=0.0)
    specimen.priority = best_score if specimen.uncertainty is None else specimen.uncertainty
    specimen.settle()


def next_specimens(
    session: Session, *, show: Show = Show.OPEN, exclude: Sequence[int] = (), limit: int = 6
) -> Sequence[Specimen]:
    query = _queue(show).order_by(Specimen.skips, Specimen.priority.desc(), Specimen.id)
    return session.scalars(query.where(Specimen.id.not_in(exclude)).limit(limit)).all()


def counts(session: Session, show: Show = Show.OPEN) -> QueueCounts:
    per_state = select(Specimen.state, func.count()).group_by(Specimen.state)
    by_state = dict(session.execute(per_state).all())
    waiting = session.scalar(select(func.count()).select_from(_queue(show).subquery()))
    usable = sum(by_state.values()) - by_state.get(SpecimenState.UNUSABLE, 0)
    return QueueCounts(waiting or 0, by_state.get(SpecimenState.LABELLED, 0), usable)


def reason(specimen: Specimen) -> Reason:
    if specimen.version_id is not None:
        return Reason(Why.LABELLED, 0.0)
    if not specimen.open_candidates:
        return Reason(Why.NO_CANDIDATE, 0.0)
    if specimen.skips:
        return Reason(Why.PUT_OFF, float(specimen.skips))
    if specimen.uncertainty is not None:
        return Reason(Why.UNCERTAIN, specimen.uncertainty)
    return Reason(Why.PROMISING, specimen.priority)


def _queue(show: Show) -> Select[Specimen]:
    waiting = select(Specimen).where(Specimen.state == SpecimenState.PROPOSED)
    if show is Show.HAND:
        return waiting.where(Specimen.open_candidates == 0)
    return waiting.where(Specimen.open_candidates > 0)
