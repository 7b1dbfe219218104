"""Imports: the form, earlier imports, and what became of each file."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.domain.jobs import JobKind
from app.domain.photographs import Source
from app.services import imports, job_progress, jobs, sources
from app.services.imports import Summary
from app.services.job_progress import JobProgress
from app.web.access import CurrentPerson, Reading
from app.web.rendering import render

router = APIRouter(prefix="/imports")


@dataclass(frozen=True)
class ImportsPage:
    sources: list[Source]
    imports: list[JobProgress]


@dataclass(frozen=True)
class ImportPage:
    summary: Summary
    progress: JobProgress


@router.get("")
def import_list(request: Request, session: Reading, person: CurrentPerson) -> HTMLResponse:
    recent = job_progress.recent_jobs(session, kind=JobKind.IMPORT, limit=20)
    page = ImportsPage(
        sources=list(sources.all_sources(session)),
        imports=[job_progress.progress(session, job) for job in recent],
    )
    return render(request, "imports/list.html", page, person=person)


@router.get("/{job_id}")
def one_import(
    request: Request,
    session: Reading,
    person: CurrentPerson,
    job_id: int,
    after: Annotated[int, Query(ge=0)] = 0,
) -> HTMLResponse:
    page = ImportPage(
        summary=imports.summary(session, job_id, after=after),
        progress=job_progress.progress(session, jobs.get_job(session, job_id)),
    )
    return render(request, "imports/page.html", page, person=person)
