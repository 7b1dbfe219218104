"""Many decisions as one: all of them are recorded, or none.

Every item goes through `labelling.decide_on`, so nothing holds for a batch that does not hold for
one decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.labelling import Candidate, Review
from app.domain.specimens import Specimen
from app.errors import BatchStale, Conflict, MothmaskError, NotFound
from app.services import calibrating, labelling
from app.services.labelling import NewDecision
from app.services.queueing import settle_queue_places

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
    sources: set[int] = set()
    for first in range(0, len(ordered), AT_ONCE):
        some = _Some(session, person_id, ordered[first : first + AT_ONCE])
        for item in some.items:
            try:
                reviews.append(some.decide(item))
            except Conflict as conflict:
                stale[item.specimen_id] = conflict
        settle_queue_places(session, list(some.specimens.values()))
        sources |= {specimen.source_id for specimen in some.specimens.values()}
    if stale:
        raise BatchStale(stale, total=len(items))
    session.flush()
    for source_id in sorted(sources):
        calibrating.notice(session, source_id)
    return reviews


class _Some:
    """Items of a batch with what they need, asked for in few queries."""

    def __init__(self, session: Session, person_id: int, items: Sequence[BatchItem]) -> None:
        self.session, self.person_id, self.items = session, person_id, items
        ids = {item.specimen_id for item in items}
        specimens = select(Specimen).where(Specimen.id.in_(ids)).order_by(Specimen.id)
        # In one order for everybody, so that two batches wait for each other and do not deadlock.
        locked = session.scalars(specimens.with_for_update(of=Specimen))
        self.specimens = {specimen.id: specimen for specimen in locked}
        # Held here, because a session asks again for what nobody holds.
        candidates = select(Candidate).where(Candidate.specimen_id.in_(ids))
        self.candidates = session.scalars(candidates).all()
        named = [item.decision.decision_id for item in items]
        named += [item.retracts for item in items if item.retracts]
        known = session.scalars(select(Review).where(Review.decision_id.in_(named)))
        self.reviews = {review.decision_id: review for review in known}

    def decide(self, item: BatchItem) -> Review:
        specimen = self.specimens.get(item.specimen_id)
        if specimen is None:
            raise NotFound("There is no specimen {number}.", number=item.specimen_id)
        if (earlier := self.reviews.get(item.decision.decision_id)) is not None:
            return labelling.expect_own(earlier, self.person_id, specimen.id)
        wanted = self._named(item)
        review = labelling.decide_on(self.session, self.person_id, specimen, wanted)
        self.reviews[wanted.decision_id] = review
        return review

    def _named(self, item: BatchItem) -> NewDecision:
        if not item.retracts:
            return item.decision
        if (taken_back := self.reviews.get(item.retracts)) is None:
            raise Conflict("The decision that is to be taken back is not on record.")
        return replace(item.decision, retracts_id=taken_back.id)
