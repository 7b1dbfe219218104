"""The page on which a mask is drawn by hand."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.domain.labelling import Candidate, LabelVersion
from app.domain.specimens import Crop, Specimen
from app.errors import NotFound
from app.services import labelling, second_labels, taxa
from app.services.drawing import DrawingMasks, laid_draft, masks_of
from app.services.queueing import Show
from app.web.access import BlobsDep, Curator, Reading
from app.web.addresses import blob_url, filled_url
from app.web.api.reviews import DraftReply, draft_reply
from app.web.api.shapes import CropShape, candidate_shape, crop_shape, label_shape
from app.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class DrawingPage:
    """`start` is the mask that the drawing begins with; None: nothing is drawn yet.

    `masks` are all that can be looked at, taken over, or copied from while drawing: as the review
    page has them, with `kind`, `id` and the address of a small picture on blue. `merge` names the
    refused decision whose mask the drawing begins with, known to the browser alone. A `second`
    mask of a benchmark member is drawn without seeing any other.
    """

    specimen: int
    key: str
    taxon: str
    """Its code with what that stands for; empty if no code is known."""
    show: Show
    crop: CropShape
    parent_id: int | None
    start: str | None
    masks: list[dict[str, Any]]
    draft: DraftReply | None
    merge: str | None
    second: bool


@router.get("/specimens/{specimen_id}/drawing")
def drawing(
    request: Request,
    session: Reading,
    blobs: BlobsDep,
    person: Curator,
    specimen_id: int,
    candidate: int | None = None,
    version: int | None = None,
    empty: bool = False,
    second: bool = False,
    merge: Annotated[str | None, Query(max_length=64)] = None,
    show: Show = Show.OPEN,
) -> HTMLResponse:
    specimen = session.get(Specimen, specimen_id)
    if specimen is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    crop = labelling.current_crop(session, specimen_id)
    masks = masks_of(session, crop)
    draft = laid_draft(session, blobs, person.id, crop)
    start = None if empty or second else masks.start(specimen, candidate, version)
    if second:
        second_labels.expect_fair(session, person.id, specimen_id)
        masks = DrawingMasks([], [])
    page = DrawingPage(
        specimen=specimen_id,
        key=specimen.key,
        taxon=taxa.titles(session, [specimen.taxon])[specimen.taxon],
        show=show,
        crop=crop_shape(crop),
        # A draft that names no label is one that was drawn without seeing it.
        parent_id=None if second else specimen.version_id,
        start=blob_url(start.digest) if start is not None else None,
        masks=[_version(crop, each) for each in masks.versions]
        + [_candidate(crop, each) for each in masks.candidates],
        draft=draft_reply(draft) if draft is not None else None,
        merge=None if second else merge,
        second=second,
    )
    return render(request, "editor/page.html", page, person=person)


def _version(crop: Crop, version: LabelVersion) -> dict[str, Any]:
    small = {"id": version.id, "small": filled_url(crop.preview_digest, version.digest)}
    return {"kind": "version", **label_shape(version).model_dump(mode="json"), **small}


def _candidate(crop: Crop, candidate: Candidate) -> dict[str, Any]:
    small = {
        "rejected": candidate.rejected,
        "small": filled_url(crop.preview_digest, candidate.digest),
    }
    return {"kind": "candidate", **candidate_shape(candidate).model_dump(mode="json"), **small}
