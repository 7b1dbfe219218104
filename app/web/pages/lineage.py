"""Where a mask comes from: looking a file up, and the walk from one label version."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from app.services import lineage, lineage_lookup
from app.services.lineage import RoundSize, VersionLineage
from app.services.lineage_lookup import How, Match
from app.web.access import Reading, Viewer
from app.web.rendering import render

router = APIRouter()

Ids = Annotated[str, Query(pattern=r"^(\d{1,9}(,\d{1,9})*)?$", max_length=1000)]


@dataclass(frozen=True)
class LineagePage:
    of: str
    """What was looked for."""
    matches: list[Match]


@dataclass(frozen=True)
class VersionPage:
    found: VersionLineage
    learned_from: RoundSize | None
    """Labels of the round that made its model."""
    how: How | None
    """By what of a file it was found."""


@router.get("/lineage")
def lineage_page(
    request: Request,
    session: Reading,
    person: Viewer,
    of: Annotated[str, Query(max_length=400)] = "",
    versions: Ids = "",
    how: How = How.NUMBER,
) -> HTMLResponse:
    if versions:
        ids = [int(number) for number in versions.split(",")]
        matches = lineage_lookup.by_numbers(session, ids, how)
    else:
        matches = lineage_lookup.by_text(session, of)
    return render(request, "lineage/page.html", LineagePage(of, matches), person=person)


@router.get("/versions/{version_id}")
def version_page(
    request: Request,
    session: Reading,
    person: Viewer,
    version_id: Annotated[int, Path(ge=1, lt=2**31)],
    how: How | None = None,
) -> HTMLResponse:
    found = lineage.of_version(session, version_id)
    model = found.model
    size = lineage.round_size(session, model.round_id) if model is not None else None
    return render(request, "lineage/version.html", VersionPage(found, size, how), person=person)
