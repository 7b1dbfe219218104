"""Rounds: the list with the way to a new one, and one round as it goes and as it went."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.services import browsing, rounds, tags
from app.services.browsing import RoundLine
from app.services.rounds import LabelCounts
from app.services.tags import WordInUse
from app.web.access import CurrentPerson, Reading
from app.web.rendering import render
from app.web.round_views import RoundView, RunningView, round_view, running_view
from ml.presets import MIN_LABELS, PRESETS

router = APIRouter(prefix="/rounds")


@dataclass(frozen=True)
class RoundsPage:
    rounds: list[RoundLine]
    labels: LabelCounts
    least_labels: int
    presets: list[str]
    words: list[WordInUse]
    running: int | None
    """The number of the round that runs."""


@dataclass(frozen=True)
class RoundPage:
    made: RoundView
    now: RunningView


@router.get("")
def round_list(request: Request, session: Reading, person: CurrentPerson) -> HTMLResponse:
    page = RoundsPage(
        rounds=browsing.round_lines(session),
        labels=rounds.label_counts(session),
        least_labels=MIN_LABELS,
        presets=list(PRESETS),
        words=tags.words_in_use(session),
        running=rounds.running(session),
    )
    return render(request, "rounds/list.html", page, person=person)


@router.get("/{number}")
def one_round(
    request: Request, session: Reading, person: CurrentPerson, number: int
) -> HTMLResponse:
    return render(request, "rounds/page.html", _round_page(session, number), person=person)


@router.get("/{number}/now")
def round_now(
    request: Request, session: Reading, person: CurrentPerson, number: int
) -> HTMLResponse:
    return render(request, "rounds/_now.html", _round_page(session, number), person=person)


@router.get("/{number}/sheets")
def round_sheets(
    request: Request, session: Reading, person: CurrentPerson, number: int
) -> HTMLResponse:
    return render(request, "rounds/_sheets.html", _round_page(session, number), person=person)


def _round_page(session: Session, number: int) -> RoundPage:
    round_ = rounds.get_round(session, number)
    return RoundPage(round_view(session, round_), running_view(session, round_))
