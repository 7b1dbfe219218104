"""Checking boxes one after the other, and all crops at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.domain.photographs import Source
from app.services import box_queue, sources
from app.services.box_queue import PAGE, BoxTile, Look, Mark
from app.web.access import Reading, Viewer
from app.web.rendering import render

router = APIRouter(prefix="/boxes")

Code = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True)
class BoxesPage:
    specimen: int | None
    look: Look
    source: str


@dataclass(frozen=True)
class BoxGridPage:
    look: Look
    source: str
    sources: Sequence[Source]
    count: int
    tiles: list[BoxTile]
    looks: tuple[Look, ...] = tuple(Look)

    @property
    def next_after(self) -> str:
        last = self.tiles[-1] if len(self.tiles) == PAGE else None
        return f"{last.value!r},{last.specimen_id}" if last is not None else ""

    def address(self, **changes: object) -> str:
        return self._to("/boxes/grid", changes)

    def queue_address(self, **changes: object) -> str:
        return self._to("/boxes", changes)

    def _to(self, path: str, changes: dict[str, object]) -> str:
        values = {"look": self.look.value, "source": self.source, **changes}
        return f"{path}?{urlencode({name: value for name, value in values.items() if value})}"


@router.get("")
def boxes(
    request: Request,
    person: Viewer,
    specimen: Annotated[int | None, Query(ge=1)] = None,
    look: Look = Look.DOUBTFUL,
    source: Code = "",
) -> HTMLResponse:
    return render(request, "boxes/page.html", BoxesPage(specimen, look, source), person=person)


@router.get("/grid")
def grid(
    request: Request,
    session: Reading,
    person: Viewer,
    look: Look = Look.DOUBTFUL,
    source: Code = "",
    after: Annotated[str, Query(pattern=r"^(-?\d+(\.\d+)?(e-\d+)?,\d{1,18})?$")] = "",
) -> HTMLResponse:
    page = BoxGridPage(
        look=look,
        source=source,
        sources=sources.all_sources(session),
        count=box_queue.count(session, look, source),
        tiles=box_queue.tiles(session, look, source=source, after=_mark(after)),
    )
    return render(request, "boxes/grid.html", page, person=person)


def _mark(after: str) -> Mark | None:
    value, _, number = after.partition(",")
    return Mark(float(value), int(number)) if number else None
