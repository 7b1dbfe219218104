"""Label versions of a specimen: comparing two masks, and bringing an earlier one back."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from app.errors import StaleParent
from app.services import comparing, labelling, restoring
from app.web.access import BlobsDep, Curator, DatabaseDep, Viewer
from app.web.addresses import difference_url
from app.web.api.reviews import DecisionId, ReviewReply, review_reply

router = APIRouter(tags=["versions"])

MaskName = Annotated[str, Path(pattern=comparing.NAME)]


class ComparisonShape(BaseModel):
    """Pixels that the second mask adds, removes and keeps, and a picture of it."""

    added: int
    removed: int
    kept: int
    dice: float
    picture: str
    full: str


class RestorationRequest(BaseModel):
    decision_id: DecisionId
    version_id: int
    parent_id: int | None = None


@router.get("/comparisons/{old}/{new}")
def compare(
    database: DatabaseDep, blobs: BlobsDep, _person: Viewer, old: MaskName, new: MaskName
) -> ComparisonShape:
    with database.reading() as session:
        pair = comparing.find(session, old, new)
    found = comparing.compared(blobs, pair.old, pair.new)
    return ComparisonShape(
        added=found.added,
        removed=found.removed,
        kept=found.kept,
        dice=found.dice,
        picture=difference_url(old, new, pair),
        full=difference_url(old, new, pair, side=4096),
    )


@router.post("/specimens/{specimen_id}/restorations", status_code=201)
def restore(
    database: DatabaseDep,
    blobs: BlobsDep,
    person: Curator,
    specimen_id: int,
    wanted: RestorationRequest,
    response: Response,
) -> ReviewReply:
    restoration = restoring.NewRestoration(**wanted.model_dump())
    with database.reading() as session:
        if labelling.is_recorded(session, wanted.decision_id):
            response.status_code = 200
        earlier = restoring.find(session, specimen_id, restoration)
    digest, crop_id = restoring.store(blobs, earlier), earlier.crop.id
    try:
        with database.transaction() as session:
            review = restoring.restore(
                session, person.id, specimen_id, restoration, digest=digest, crop_id=crop_id
            )
            return review_reply(session, review)
    except StaleParent as stale:
        stale.mine = digest
        raise
