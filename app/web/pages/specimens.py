"""The list of specimens, and one specimen with everything that is known of it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.domain.specimens import SpecimenState
from app.services import browsing
from app.services.browsing import PAGE, SpecimenDetail, SpecimenTile
from app.web.access import CurrentPerson, Reading
from app.web.rendering import render

router = APIRouter(prefix="/specimens")


@dataclass(frozen=True)
class SpecimensPage:
    states: dict[SpecimenState, int]
    state: SpecimenState | None
    search: str
    tiles: list[SpecimenTile]
    after: int

    @property
    def next_after(self) -> int | None:
        return self.tiles[-1].id if len(self.tiles) == PAGE else None


@router.get("")
def specimens(
    request: Request,
    session: Reading,
    person: CurrentPerson,
    state: SpecimenState | None = None,
    search: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[int, Query(ge=0)] = 0,
) -> HTMLResponse:
    page = SpecimensPage(
        states=browsing.state_counts(session),
        state=state,
        search=search,
        tiles=browsing.specimen_tiles(session, state=state, search=search, after=after),
        after=after,
    )
    return render(request, "specimens/list.html", page, person=person)


@router.get("/{specimen_id}")
def specimen(
    request: Request, session: Reading, person: CurrentPerson, specimen_id: int
) -> HTMLResponse:
    page: SpecimenDetail = browsing.specimen_detail(session, specimen_id)
    return render(request, "specimens/page.html", page, person=person)
