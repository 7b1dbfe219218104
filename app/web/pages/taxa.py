"""Names of taxa."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.services import taxa
from app.services.taxa import TaxonLine
from app.web.access import Reading, Viewer
from app.web.rendering import render

router = APIRouter(prefix="/taxa")

Word = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class TaxaPage:
    lines: Sequence[TaxonLine]
    nameless: list[tuple[str, int]]
    count: int
    search: str
    after: str

    @property
    def next_after(self) -> str | None:
        return self.lines[-1].taxon.code if len(self.lines) == taxa.PAGE else None


@router.get("")
def taxa_page(
    request: Request, session: Reading, person: Viewer, search: Word = "", after: Word = ""
) -> HTMLResponse:
    page = TaxaPage(
        taxa.lines(session, search, after),
        taxa.nameless(session),
        taxa.count(session),
        search,
        after,
    )
    return render(request, "taxa/page.html", page, person=person)
