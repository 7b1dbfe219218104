"""Taking back an earlier decision: a new record that undoes what still stands of its effect."""

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.domain.labelling import Candidate, Decision, LabelVersion, Review
from app.domain.specimens import Specimen
from app.errors import Conflict, Refused


def take_back(session: Session, specimen: Specimen, retraction: Review) -> None:
    """Undo what the review named by `retraction.retracts_id` did to the specimen."""
    review = _retractable(session, specimen, retraction.retracts_id)
    match review.decision:
        case Decision.ACCEPT:
            _take_back_acceptance(session, specimen, review)
        case Decision.REJECT:
            _take_back_rejection(session, specimen, review)
        case Decision.SKIP:
            specimen.skips -= 1
        case Decision.UNUSABLE:
            specimen.unusable = _others_say_the_same(session, review)
        case Decision.RETRACT:
            raise Refused("A retraction cannot be taken back; decide again instead.")


def _retractable(session: Session, specimen: Specimen, review_id: int | None) -> Review:
    review = session.get(Review, review_id) if review_id is not None else None
    if review is None or review.specimen_id != specimen.id:
        raise Refused("Name the decision on {key} that is to be taken back.", key=specimen.key)
    if session.scalar(select(Review.id).where(Review.retracts_id == review.id)) is not None:
        raise Conflict("That decision on {key} was taken back before.", key=specimen.key)
    return review


def _take_back_acceptance(session: Session, specimen: Specimen, review: Review) -> None:
    if review.candidate_id is None and review.version_id == review.parent_id:
        return  # it only agreed with a label that stood already
    if specimen.version_id != review.version_id:
        raise Conflict("{key} has a newer label; reject that one instead.", key=specimen.key)
    specimen.version_id = session.get_one(LabelVersion, review.version_id).parent_id


def _take_back_rejection(session: Session, specimen: Specimen, review: Review) -> None:
    if review.candidate_id is not None:
        candidate = session.get_one(Candidate, review.candidate_id)
        # Without its mask it can be offered to nobody.
        candidate.rejected = candidate.pruned or _others_say_the_same(session, review)
    elif specimen.version_id is not None:
        raise Conflict("{key} has another label by now.", key=specimen.key)
    else:
        specimen.version_id = review.version_id


def _others_say_the_same(session: Session, review: Review) -> bool:
    """Whether another decision of the same kind on the same thing still stands."""
    retraction = aliased(Review)
    same = (
        select(Review.id)
        .outerjoin(retraction, retraction.retracts_id == Review.id)
        .where(
            Review.specimen_id == review.specimen_id,
            Review.decision == review.decision,
            Review.candidate_id.is_(None)
            if review.candidate_id is None
            else Review.candidate_id == review.candidate_id,
            Review.id != review.id,
            retraction.id.is_(None),
        )
    )
    return session.scalar(same.limit(1)) is not None
