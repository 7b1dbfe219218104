"""What a person may set for themselves: keys, single-letter keys, fill colour."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.web.access import Viewer
from app.web.rendering import render

router = APIRouter(prefix="/preferences")


@dataclass(frozen=True)
class PreferencesPage:
    """Everything else is in the layout, where each page has it."""

    name: str


@router.get("")
def preferences(request: Request, person: Viewer) -> HTMLResponse:
    page = PreferencesPage(person.name)
    return render(request, "preferences/page.html", page, person=person)
