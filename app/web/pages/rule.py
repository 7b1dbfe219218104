"""What belongs to a mask: the rule, its pictures, and who worded it when."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.domain.guidance import MaskRule
from app.services import guidance
from app.web.access import Reading, Viewer
from app.web.rendering import render

router = APIRouter(prefix="/rule")

FAULTS = (
    "wing-cut",
    "background-included",
    "shadow-included",
    "pin-or-label-included",
    "rough-edge",
    "hole",
)
"""Reasons with a picture of that name in `static/pictures`."""


@dataclass(frozen=True)
class RulePage:
    """`wordings` are those that somebody wrote, the newest first."""

    wordings: list[MaskRule]
    first: str = guidance.FIRST_WORDING
    faults: tuple[str, ...] = FAULTS

    @property
    def text(self) -> str:
        return self.wordings[0].text if self.wordings else self.first


@router.get("")
def rule(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    return render(request, "rule/page.html", RulePage(guidance.wordings(session)), person=person)
