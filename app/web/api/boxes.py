"""Boxes of specimens: which need a look, correcting them, and adding further ones."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.domain.specimens import BoxCheck, BoxVerdict, Crop, Specimen
from app.errors import NotFound
from app.services import box_checks, box_queue, boxes, carrying
from app.services.box_checks import NewCheck
from app.services.box_queue import BoxMatter, Look, Mark
from app.web.access import BlobsDep, Curator, DatabaseDep, Reading, Viewer
from app.web.addresses import blob_url, photograph_url
from app.web.api.reviews import DecisionId, Ids
from app.web.wording import word
from ml.imaging.boxes import Box
from ml.imaging.frame import Placement

router = APIRouter(tags=["boxes"])

Edge = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Angle = Annotated[float, Field(ge=-360, le=360)]


class BoxShape(BaseModel):
    """In pixels of the photograph as stored, turned clockwise by `angle` degrees."""

    left: Edge
    top: Edge
    right: Edge
    bottom: Edge
    angle: Angle = 0.0

    @property
    def placement(self) -> Placement:
        return boxes.straight(Box(self.left, self.top, self.right, self.bottom), self.angle)


class BesideShape(BaseModel):
    id: int
    key: str
    box: BoxShape


class BoxItem(BaseModel):
    id: int
    key: str
    source: str
    taxon: str
    state: str
    doubt: float
    checked: bool
    photograph_id: int
    width: int
    height: int
    photograph: str
    """Its pixels, at most 1,600 on the long side."""
    crop_id: int | None
    crop: str | None
    box: BoxShape | None
    found: BoxShape | None
    """As the detector gave it."""
    origin: str
    confidence: float | None
    warnings: list[str]
    version_id: int | None
    beside: list[BesideShape]
    drafts: list[str]
    """Names of the people who have unfinished hand work on it."""


class BoxQueue(BaseModel):
    items: list[BoxItem]
    waiting: int


class CheckRequest(BaseModel):
    decision_id: DecisionId
    verdict: BoxVerdict
    crop_id: int | None = None
    parent_id: int | None = None
    """The label version that its author saw."""
    after: DecisionId | None = None
    """The author's own check whose outcome they saw, in place of crop and label."""
    box: BoxShape | None = None
    retracts: DecisionId | None = None


class AddRequest(BaseModel):
    decision_id: DecisionId
    box: BoxShape


class CheckReply(BaseModel):
    specimen_id: int
    key: str
    crop_id: int | None
    version_id: int | None
    state: str


class LeftOut(BaseModel):
    """Pixels of the label that a box would leave out, of how many."""

    outside: int
    total: int


@router.get("/box-queue")
def queue(
    session: Reading,
    _person: Viewer,
    look: Look = Look.DOUBTFUL,
    source: Annotated[str, Query(max_length=60)] = "",
    after_doubt: float | None = None,
    after_id: int = 0,
    exclude: Ids = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 6,
) -> BoxQueue:
    """Unchecked boxes, the most doubtful first; the last item's doubt and id lead to the next."""
    matters = box_queue.next_boxes(
        session,
        look,
        source=source,
        after=Mark(after_doubt, after_id) if after_doubt is not None else None,
        exclude=[int(number) for number in exclude.split(",") if number],
        limit=limit,
    )
    return BoxQueue(
        items=[_item(matter) for matter in matters],
        waiting=box_queue.count(session, look, source),
    )


@router.get("/specimens/{specimen_id}/box")
def box(session: Reading, _person: Viewer, specimen_id: int) -> BoxItem:
    specimen = session.get(Specimen, specimen_id)
    if specimen is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    return _item(box_queue.load(session, [specimen.id])[0])


@router.get("/specimens/{specimen_id}/box/left-out")
def left_out(
    database: DatabaseDep,
    blobs: BlobsDep,
    _person: Viewer,
    specimen_id: int,
    wanted: Annotated[BoxShape, Query()],
) -> LeftOut:
    """How much of the label that counts a box would cut off; asked before it is corrected."""
    with database.reading() as session:
        place = boxes.find(session, specimen_id)
    if place.load.label is None:
        return LeftOut(outside=0, total=0)
    share = carrying.left_out(blobs, place.load.label, wanted.placement)
    return LeftOut(outside=share.outside, total=share.total)


@router.post("/specimens/{specimen_id}/box-checks", status_code=201)
def check(
    database: DatabaseDep,
    blobs: BlobsDep,
    person: Curator,
    specimen_id: int,
    wanted: CheckRequest,
) -> CheckReply:
    """Say that a box is right, correct it, say that nothing is there, or take that back."""
    new = NewCheck(
        decision_id=wanted.decision_id,
        verdict=wanted.verdict,
        crop_id=wanted.crop_id,
        version_id=wanted.parent_id,
        after=wanted.after,
        placement=wanted.box.placement if wanted.box is not None else None,
        retracts=wanted.retracts,
    )
    made = box_checks.make(database, blobs, person.id, specimen_id, new)
    with database.reading() as session:
        return _reply(session, made)


@router.post("/photographs/{photograph_id}/specimens", status_code=201)
def add(
    database: DatabaseDep,
    blobs: BlobsDep,
    person: Curator,
    photograph_id: int,
    wanted: AddRequest,
) -> CheckReply:
    """Make a further specimen of a box on the same photograph."""
    placement = wanted.box.placement
    made = box_checks.add(database, blobs, person.id, photograph_id, wanted.decision_id, placement)
    with database.reading() as session:
        return _reply(session, made)


def _reply(session: Reading, made: BoxCheck) -> CheckReply:
    specimen = session.get_one(Specimen, made.specimen_id)
    return CheckReply(
        specimen_id=specimen.id,
        key=specimen.key,
        crop_id=specimen.crop_id,
        version_id=specimen.version_id,
        state=specimen.state,
    )


def _item(matter: BoxMatter) -> BoxItem:
    specimen, crop, photograph = matter.specimen, matter.crop, matter.photograph
    found = crop.found_box if crop is not None else None
    return BoxItem(
        id=specimen.id,
        key=specimen.key,
        source=matter.source.code,
        taxon=matter.taxon,
        state=specimen.state,
        doubt=specimen.box_doubt,
        checked=specimen.box_checked,
        photograph_id=photograph.id,
        width=photograph.width,
        height=photograph.height,
        photograph=photograph_url(photograph.id),
        crop_id=specimen.crop_id,
        crop=blob_url(crop.preview_digest) if crop is not None else None,
        box=_box(crop) if crop is not None else None,
        found=BoxShape(left=found[0], top=found[1], right=found[2], bottom=found[3])
        if found
        else None,
        origin=word(crop.origin) if crop is not None else "",
        confidence=crop.confidence if crop is not None else None,
        warnings=[word(each) for each in crop.warnings] if crop is not None else [],
        version_id=specimen.version_id,
        beside=[
            BesideShape(id=each.specimen_id, key=each.key, box=_box(each.crop))
            for each in matter.beside
        ],
        drafts=list(matter.drafts),
    )


def _box(crop: Crop) -> BoxShape:
    return BoxShape(
        left=crop.left, top=crop.top, right=crop.right, bottom=crop.bottom, angle=crop.angle
    )
