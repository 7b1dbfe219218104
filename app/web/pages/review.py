"""The two pages that make labels: review, and redrawing by hand."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.labelling import REJECT_REASONS, UNUSABLE_REASONS, Candidate, LabelVersion
from app.domain.specimens import Specimen
from app.errors import NotFound
from app.services import drafts, labelling
from app.services.queueing import Show
from app.web.access import CurrentPerson, Reading
from app.web.addresses import blob_url
from app.web.api.reviews import DraftReply
from app.web.api.shapes import CropShape, crop_shape
from app.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class ReviewPage:
    specimen: int | None
    show: Show
    reject_reasons: tuple[str, ...] = REJECT_REASONS
    unusable_reasons: tuple[str, ...] = UNUSABLE_REASONS


@dataclass(frozen=True)
class DrawingPage:
    """`start` is the mask that the drawing begins with; None: nothing is drawn yet."""

    specimen: int
    key: str
    show: Show
    crop: CropShape
    parent_id: int | None
    start: str | None
    draft: DraftReply | None


@router.get("/review")
def review(
    request: Request,
    person: CurrentPerson,
    specimen: Annotated[int | None, Query(ge=1)] = None,
    show: Show = Show.OPEN,
) -> HTMLResponse:
    return render(request, "review/page.html", ReviewPage(specimen, show), person=person)


@router.get("/specimens/{specimen_id}/drawing")
def drawing(
    request: Request,
    session: Reading,
    person: CurrentPerson,
    specimen_id: int,
    candidate: int | None = None,
    version: int | None = None,
    show: Show = Show.OPEN,
) -> HTMLResponse:
    specimen = session.get(Specimen, specimen_id)
    if specimen is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    crop = labelling.current_crop(session, specimen_id)
    page = DrawingPage(
        specimen=specimen_id,
        key=specimen.key,
        show=show,
        crop=crop_shape(crop),
        parent_id=specimen.version_id,
        start=_start(session, crop.id, candidate, version or specimen.version_id),
        draft=_draft(session, person.id, specimen_id, crop.id),
    )
    return render(request, "editor/page.html", page, person=person)


def _start(
    session: Session, crop_id: int, candidate_id: int | None, version_id: int | None
) -> str | None:
    """Address of the mask to begin with, unless it belongs to an older crop."""
    candidate = session.get(Candidate, candidate_id) if candidate_id is not None else None
    version = session.get(LabelVersion, version_id) if version_id is not None else None
    mask = candidate or version
    return blob_url(mask.digest) if mask is not None and mask.crop_id == crop_id else None


def _draft(session: Session, person_id: int, specimen_id: int, crop_id: int) -> DraftReply | None:
    draft = drafts.find(session, person_id, specimen_id)
    if draft is None or draft.crop_id != crop_id:
        return None
    return DraftReply(
        mask=blob_url(draft.digest), parent_id=draft.parent_id, updated_at=draft.updated_at
    )
