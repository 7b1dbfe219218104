"""How candidates are ordered, and how well that puts first what curators accept."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.services import calibrating, sources
from app.services.calibrating import EVERY, Standing
from app.web.access import Reading, Viewer
from app.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class RankingPage:
    standings: list[Standing]
    every: int = EVERY


@router.get("/ranking")
def ranking(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    standings = calibrating.standings(session, sources.all_sources(session))
    return render(
        request, "ranking/page.html", RankingPage(list(standings.values())), person=person
    )
