"""The page on which masks are judged."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.domain.labelling import REJECT_REASONS, UNUSABLE_REASONS
from app.services import assignments, stop_advice
from app.services.assignments import Progress
from app.services.queueing import Show
from app.services.stop_advice import StopAdvice, StopLimits
from app.web.access import Curator, Reading, SettingsDep
from app.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class ReviewPage:
    specimen: int | None
    show: Show
    assignment: Progress | None
    """What is gone through, if it is not the whole queue."""
    stratum: int | None
    """As the assignment."""
    assignments: list[Progress]
    """Of whoever reviews."""
    advice: StopAdvice
    reject_reasons: tuple[str, ...] = REJECT_REASONS
    unusable_reasons: tuple[str, ...] = UNUSABLE_REASONS


@router.get("/review")
def review(
    request: Request,
    session: Reading,
    person: Curator,
    settings: SettingsDep,
    specimen: Annotated[int | None, Query(ge=1)] = None,
    show: Show = Show.OPEN,
    assignment: Annotated[int | None, Query(ge=1)] = None,
    stratum: Annotated[int | None, Query(ge=0)] = None,
) -> HTMLResponse:
    chosen = None
    if assignment is not None:
        chosen = assignments.progress(session, assignments.get(session, assignment))
    page = ReviewPage(
        specimen=specimen,
        show=show,
        assignment=chosen,
        stratum=stratum,
        assignments=assignments.open_ones(session, person.id),
        advice=stop_advice.advise(session, limits(settings)),
    )
    return render(request, "review/page.html", page, person=person)


@router.get("/second-look")
def second_look(
    request: Request, session: Reading, person: Curator, settings: SettingsDep
) -> HTMLResponse:
    """Labels again, by the same keys."""
    advice = stop_advice.advise(session, limits(settings))
    page = ReviewPage(None, Show.SECOND, None, None, [], advice)
    return render(request, "review/page.html", page, person=person)


def limits(settings: SettingsDep) -> StopLimits:
    return StopLimits(settings.stop_acceptance, settings.stop_dice)
