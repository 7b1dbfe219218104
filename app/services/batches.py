"""Many decisions as one: all of them are recorded, or none.

Every item goes through `labelling.decide`, so nothing holds for a batch that does not hold for one
decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.labelling import Candidate, Decision, Review
from app.domain.specimens import Specimen
from app.errors import BatchStale, Conflict, MothmaskError
from app.services import labelling
from app.services.labelling import NewDecision

AT_ONCE = 500


@dataclass(frozen=True)
class BatchItem:
    specimen_id: int
    decision: NewDecision
    retracts: str = ""
    """Id of the decision that is taken back: a page knows it before the server has answered."""


def decide_all(session: Session, person_id: int, items: Sequence[BatchItem]) -> list[Review]:
    """Record every decision and return the reviews in the order of the specimens' numbers.

    Raises:
        BatchStale: some specimens have moved on; it names them all, and nothing is to be committed.
    """
    ordered = sorted(items, key=lambda item: item.specimen_id)
    reviews: list[Review] = []
    stale: dict[int, MothmaskError] = {}
    for first in range(0, len(ordered), AT_ONCE):
        some = ordered[first : first + AT_ONCE]
        _held = _fetch(session, some)
        taken_back = _reviews(session, [item.retracts for item in some if item.retracts])
        for item in some:
            try:
                wanted = _named(item, taken_back)
                reviews.append(labelling.decide(session, person_id, item.specimen_id, wanted))
            except Conflict as conflict:
                stale[item.specimen_id] = conflict
    if stale:
        raise BatchStale(stale, total=len(items))
    session.flush()
    return reviews


def _fetch(session: Session, items: Sequence[BatchItem]) -> list[Specimen | Candidate]:
    """Lock the specimens, in one order for everybody, and have the candidates at hand.

    What is returned has to be held: the session forgets what nobody holds, and asks again.
    """
    ids = {item.specimen_id for item in items}
    specimens = select(Specimen).where(Specimen.id.in_(ids)).order_by(Specimen.id)
    candidates = select(Candidate).where(Candidate.specimen_id.in_(ids))
    locked = session.scalars(specimens.with_for_update(of=Specimen))
    return [*locked, *session.scalars(candidates)]


def _reviews(session: Session, decision_ids: Sequence[str]) -> dict[str, int]:
    query = select(Review.decision_id, Review.id).where(Review.decision_id.in_(decision_ids))
    return {decision_id: review_id for decision_id, review_id in session.execute(query)}


def _named(item: BatchItem, taken_back: dict[str, int]) -> NewDecision:
    if item.decision.decision is not Decision.RETRACT or not item.retracts:
        return item.decision
    if item.retracts not in taken_back:
        raise Conflict("The decision that is to be taken back is not on record.")
    return replace(item.decision, retracts_id=taken_back[item.retracts])
