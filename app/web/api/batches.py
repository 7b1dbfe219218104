"""Many decisions in one request and one transaction."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.domain.labelling import Decision
from app.services import batches
from app.services.batches import BatchItem
from app.services.labelling import NewDecision
from app.web.access import Curator, Writing
from app.web.api.reviews import DecisionId, Reasons

router = APIRouter(tags=["review"])

MOST_AT_ONCE = 5000


class BatchItemRequest(BaseModel):
    decision_id: DecisionId
    specimen_id: int
    candidate_id: int | None = None
    version_id: int | None = None
    parent_id: int | None = None
    retracts: Annotated[str, Field(max_length=64)] = ""
    """Id of the decision that is taken back."""


class BatchRequest(BaseModel):
    decision: Decision
    reasons: Reasons = []
    note: Annotated[str, Field(max_length=2000)] = ""
    items: Annotated[list[BatchItemRequest], Field(min_length=1, max_length=MOST_AT_ONCE)]


class BatchReviewReply(BaseModel):
    specimen_id: int
    review_id: int
    version_id: int | None


class BatchReply(BaseModel):
    reviews: list[BatchReviewReply]


@router.post("/reviews", status_code=201)
def make_reviews(session: Writing, person: Curator, wanted: BatchRequest) -> BatchReply:
    made = batches.decide_all(session, person.id, [_item(wanted, item) for item in wanted.items])
    return BatchReply(
        reviews=[
            BatchReviewReply(
                specimen_id=review.specimen_id, review_id=review.id, version_id=review.version_id
            )
            for review in made
        ]
    )


def _item(wanted: BatchRequest, item: BatchItemRequest) -> BatchItem:
    decision = NewDecision(
        decision_id=item.decision_id,
        decision=wanted.decision,
        parent_id=item.parent_id,
        candidate_id=item.candidate_id,
        version_id=item.version_id,
        reasons=wanted.reasons,
        note=wanted.note,
    )
    return BatchItem(item.specimen_id, decision, item.retracts)
