"""Sources: the list, and one with its settings, its lists and its tables."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.domain.jobs import Job
from app.domain.photographs import Exclusion, Source
from app.services import detectors, exclusion_lists, metadata, name_patterns, recropping, sources
from app.services.recropping import Recroppable
from app.services.source_presets import PRESETS, Preset
from app.services.sources import SourceLine
from app.web.access import Reading, Viewer
from app.web.rendering import render

router = APIRouter(prefix="/sources")


@dataclass(frozen=True)
class SourcesPage:
    lines: list[SourceLine]
    presets: dict[str, Preset]


@dataclass(frozen=True)
class SourcePage:
    source: Source
    presets: dict[str, dict[str, object]]
    detectors: list[str]
    groups: Sequence[str]
    crops: Recroppable
    job: Job | None
    """That makes crops anew just now."""
    exclusions: Sequence[Exclusion]
    excluded: int
    after: int
    described: int
    """Names that tables say anything of."""
    renamed: int | None
    """The settings were saved just now; parts of so many names have changed."""

    @property
    def next_after(self) -> int | None:
        full = len(self.exclusions) == exclusion_lists.PAGE
        return self.exclusions[-1].id if full else None


@router.get("")
def source_list(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    page = SourcesPage(sources.lines(session), PRESETS)
    return render(request, "sources/list.html", page, person=person)


@router.get("/{code}")
def one_source(
    request: Request,
    session: Reading,
    person: Viewer,
    code: str,
    after: Annotated[int, Query(ge=0)] = 0,
    renamed: Annotated[int | None, Query(ge=0)] = None,
) -> HTMLResponse:
    source = sources.get(session, code)
    page = SourcePage(
        source=source,
        presets={code: asdict(preset) for code, preset in PRESETS.items()},
        detectors=detectors.names(session),
        groups=name_patterns.GROUPS,
        crops=recropping.counts(session, source.id),
        job=recropping.open_job(session, source.id),
        exclusions=exclusion_lists.of_source(session, source.id, after),
        excluded=exclusion_lists.count(session, source.id),
        after=after,
        described=metadata.count(session, source.id),
        renamed=renamed,
    )
    return render(request, "sources/page.html", page, person=person)
