"""The page on which masks are judged."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.domain.labelling import REJECT_REASONS, UNUSABLE_REASONS
from app.services.queueing import Show
from app.web.access import CurrentPerson
from app.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class ReviewPage:
    specimen: int | None
    show: Show
    reject_reasons: tuple[str, ...] = REJECT_REASONS
    unusable_reasons: tuple[str, ...] = UNUSABLE_REASONS


@router.get("/review")
def review(
    request: Request,
    person: CurrentPerson,
    specimen: Annotated[int | None, Query(ge=1)] = None,
    show: Show = Show.OPEN,
) -> HTMLResponse:
    return render(request, "review/page.html", ReviewPage(specimen, show), person=person)
