"""What the review page and the editor ask for and send."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response, UploadFile
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.labelling import Decision, LabelVersion, Review
from app.domain.specimens import Specimen
from app.errors import NotFound, StaleParent
from app.services import (
    carrying,
    drafts,
    drawing,
    labelling,
    leases,
    mask_files,
    queueing,
    review_items,
)
from app.web.access import BlobsDep, Curator, DatabaseDep, Reading, Viewer, Writing
from app.web.addresses import blob_url
from app.web.api.shapes import ReviewItem, review_item
from ml.imaging.kinds import MaskKind

router = APIRouter(tags=["review"])

DecisionId = Annotated[str, Field(min_length=8, max_length=64)]
Reasons = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=20)]
CropSeen = Annotated[int | None, Form()]
"""The crop that was drawn on; where the box was changed since, the mask is laid onto the present
one."""
Ids = Annotated[str, Query(pattern=r"^(\d+(,\d+)*)?$", max_length=2000)]


class ReviewQueue(BaseModel):
    items: list[ReviewItem]
    waiting: int
    labelled: int
    total: int


class QueueRequest(BaseModel):
    limit: Annotated[int, Field(ge=1, le=50)] = 6
    exclude: Annotated[list[int], Field(max_length=500)] = []
    show: queueing.Show = queueing.Show.OPEN
    assignment: int | None = None
    """Only what belongs to it."""
    stratum: int | None = None
    """Only what is in it."""


class ReviewRequest(BaseModel):
    decision_id: DecisionId
    decision: Decision
    reasons: Reasons = []
    note: Annotated[str, Field(max_length=2000)] = ""
    candidate_id: int | None = None
    version_id: int | None = None
    parent_id: int | None = None
    retracts_id: int | None = None


class ReviewReply(BaseModel):
    review_id: int
    version_id: int | None
    number: int | None
    state: str
    kind: MaskKind | None
    """How a file was read."""


class DraftReply(BaseModel):
    mask: str
    parent_id: int | None
    updated_at: datetime
    carried: bool
    """It was drawn on an earlier crop, and is laid onto the present one."""


@router.get("/review-queue")
def review_queue(
    session: Reading,
    _person: Viewer,
    limit: Annotated[int, Query(ge=1, le=50)] = 6,
    exclude: Ids = "",
    show: queueing.Show = queueing.Show.OPEN,
) -> ReviewQueue:
    left_out = [int(number) for number in exclude.split(",") if number]
    specimens = queueing.next_specimens(session, show=show, exclude=left_out, limit=limit)
    counts = queueing.counts(session, show)
    return ReviewQueue(
        items=[_item(matter) for matter in review_items.load(session, specimens)],
        waiting=counts.waiting,
        labelled=counts.labelled,
        total=counts.total,
    )


@router.post("/review-queue")
def take_from_queue(session: Writing, person: Curator, wanted: QueueRequest) -> ReviewQueue:
    """As asking for the queue, and what it gives is handed to this person for some minutes."""
    taken = leases.Taken(**wanted.model_dump())
    handed = leases.take(session, person.id, taken)
    shown = {each.specimen.id: each.reason for each in handed}
    matters = review_items.load(session, [each.specimen for each in handed], shown=shown)
    counts = queueing.counts(session, wanted.show)
    return ReviewQueue(
        items=[_item(matter) for matter in matters],
        waiting=counts.waiting,
        labelled=counts.labelled,
        total=counts.total,
    )


@router.get("/specimens/{specimen_id}/review-item")
def one_review_item(session: Reading, person: Viewer, specimen_id: int) -> ReviewItem:
    specimen = session.get(Specimen, specimen_id)
    checked = leases.is_check(session, person.id, specimen_id)
    shown = {specimen_id: queueing.CHECKED} if checked else {}
    matters = review_items.load(session, [specimen], shown=shown) if specimen else []
    if not matters:
        raise NotFound("There is nothing to review for specimen {number}.", number=specimen_id)
    return _item(matters[0])


@router.post("/specimens/{specimen_id}/reviews", status_code=201)
def make_review(
    session: Writing,
    person: Curator,
    specimen_id: int,
    wanted: ReviewRequest,
    response: Response,
) -> ReviewReply:
    decision = labelling.NewDecision(**wanted.model_dump())
    if labelling.is_recorded(session, wanted.decision_id):
        response.status_code = 200
    return review_reply(session, labelling.decide(session, person.id, specimen_id, decision))


@router.post("/specimens/{specimen_id}/versions", status_code=201)
def make_version(
    database: DatabaseDep,
    blobs: BlobsDep,
    person: Curator,
    specimen_id: int,
    file: UploadFile,
    response: Response,
    decision_id: Annotated[str, Form(min_length=8, max_length=64)],
    origin: Annotated[str, Form()],
    parent_id: Annotated[int | None, Form()] = None,
    crop_id: CropSeen = None,
    kind: Annotated[MaskKind | None, Form()] = None,
    inverted: Annotated[bool | None, Form()] = None,
) -> ReviewReply:
    # Decoding and storing hold no transaction: only the short second one takes the write lock.
    with database.reading() as session:
        if labelling.is_recorded(session, decision_id):
            response.status_code = 200
        crop = labelling.current_crop(session, specimen_id)
        drawn_on = labelling.crop_seen(session, specimen_id, crop_id)
        place = mask_files.place_of(session, drawn_on)
    come = mask_files.MaskFrom(origin, file.filename or "", kind, inverted)
    found = mask_files.read_mask(place, file.file, come)
    digest = mask_files.keep_mask(blobs, found)
    if drawn_on.id != crop.id:
        digest = carrying.drawn_elsewhere(blobs, digest, drawn_on, crop)
        with database.reading() as session:
            parent_id = carrying.parent_by_now(session, specimen_id, parent_id)
    mask = labelling.NewMask(decision_id, origin, digest, crop.id, parent_id)
    try:
        with database.transaction() as session:
            review = labelling.save_mask(session, person.id, specimen_id, mask)
            return review_reply(session, review, kind=found.kind)
    except StaleParent as stale:
        stale.mine = digest
        raise


@router.get("/specimens/{specimen_id}/draft")
def get_draft(session: Reading, blobs: BlobsDep, person: Viewer, specimen_id: int) -> DraftReply:
    crop = labelling.current_crop(session, specimen_id)
    draft = drawing.laid_draft(session, blobs, person.id, crop)
    if draft is None:
        raise NotFound("You have no draft for specimen {number}.", number=specimen_id)
    return draft_reply(draft)


@router.put("/specimens/{specimen_id}/draft", status_code=204)
def put_draft(
    database: DatabaseDep,
    blobs: BlobsDep,
    person: Curator,
    specimen_id: int,
    file: UploadFile,
    parent_id: Annotated[int | None, Form()] = None,
    crop_id: CropSeen = None,
    drawn_at: Annotated[AwareDatetime | None, Form()] = None,
) -> Response:
    """`drawn_at` is given by a page that found the draft in the browser later."""
    with database.reading() as session:
        crop = labelling.crop_seen(session, specimen_id, crop_id)
    digest = drafts.store(blobs, crop, file.file)
    with database.transaction() as session:
        drafts.save(session, person.id, crop, digest, parent_id, drawn_at)
    return Response(status_code=204)


@router.delete("/specimens/{specimen_id}/draft", status_code=204)
def delete_draft(session: Writing, person: Curator, specimen_id: int) -> Response:
    drafts.remove(session, person.id, specimen_id)
    return Response(status_code=204)


def draft_reply(draft: drawing.LaidDraft) -> DraftReply:
    return DraftReply(
        mask=blob_url(draft.digest),
        parent_id=draft.parent_id,
        updated_at=draft.updated_at,
        carried=draft.carried,
    )


def _item(matter: review_items.ReviewMatter) -> ReviewItem:
    return review_item(
        matter.specimen,
        matter.crop,
        matter.candidates,
        matter.current,
        matter.tags,
        matter.taxon,
        matter.why,
        matter.order,
    )


def review_reply(session: Session, review: Review, *, kind: MaskKind | None = None) -> ReviewReply:
    session.flush()
    made = LabelVersion.id == review.version_id
    number, state = session.execute(
        select(LabelVersion.number, Specimen.state)
        .select_from(Specimen)
        .outerjoin(LabelVersion, made)
        .where(Specimen.id == review.specimen_id)
    ).one()
    return ReviewReply(
        review_id=review.id,
        version_id=review.version_id,
        number=number,
        state=state,
        kind=kind,
    )
