"""Many small pictures at once: accept a batch, set some aside."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.domain.labelling import REJECT_REASONS
from app.domain.people import Person
from app.services import grid_choices, people
from app.services.grid import ROUND, GridOrder, GridState
from app.services.grid_choices import GridChoices
from app.web.access import Reading, Viewer
from app.web.api.grid import GridQuery
from app.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class GridPage:
    wanted: GridQuery
    choices: GridChoices
    people: list[Person]
    states: tuple[GridState, ...] = tuple(GridState)
    orders: tuple[GridOrder, ...] = tuple(GridOrder)
    reject_reasons: tuple[str, ...] = REJECT_REASONS

    @property
    def query(self) -> dict[str, object]:
        """The filter as the script sends it on."""
        return self.wanted.model_dump(mode="json", exclude_none=True)

    @property
    def is_filtered(self) -> bool:
        return self.wanted != GridQuery(state=self.wanted.state, order=self.wanted.order)

    def of_round(self, number: int) -> str:
        return f"{ROUND}{number}"


@router.get("/grid")
def show(
    request: Request,
    session: Reading,
    person: Viewer,
    wanted: Annotated[GridQuery, Query()],
) -> HTMLResponse:
    page = GridPage(wanted, grid_choices.choices(session), people.reviewers(session))
    return render(request, "grid/page.html", page, person=person)
