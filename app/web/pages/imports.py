"""Imports: the forms, earlier imports, and what became of each file and each box."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.jobs import Job, JobKind
from app.domain.photographs import Source
from app.services import box_imports, imports, job_progress, jobs, names, sources
from app.services.imports import Summary
from app.services.job_progress import JobProgress
from app.web.access import Reading, Viewer
from app.web.rendering import render

router = APIRouter(prefix="/imports")
RECENT = 20


@dataclass(frozen=True)
class ImportsPage:
    sources: list[Source]
    encodings: dict[str, str]
    """What they are called in a form, and how people know them."""
    imports: list[JobProgress]


@dataclass(frozen=True)
class ImportPage:
    """Of photographs, of boxes, or of both."""

    progress: JobProgress
    summary: Summary | None
    boxes: dict[str, Any] | None


@router.get("")
def import_list(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    page = ImportsPage(
        sources=list(sources.all_sources(session)),
        encodings={called: names.TITLES[code] for called, code in names.CALLED.items()},
        imports=[job_progress.progress(session, job) for job in _recent(session)],
    )
    return render(request, "imports/list.html", page, person=person)


def _import_page(
    session: Reading, job_id: int, after: Annotated[int, Query(ge=0)] = 0
) -> ImportPage:
    job = jobs.get_job(session, job_id)
    boxes = box_imports.told(job)
    return ImportPage(
        progress=job_progress.progress(session, job),
        summary=imports.summary(session, job_id, after=after)
        if boxes is None or job.kind is JobKind.IMPORT
        else None,
        boxes=boxes,
    )


OneImport = Annotated[ImportPage, Depends(_import_page)]


@router.get("/{job_id}")
def one_import(request: Request, person: Viewer, page: OneImport) -> HTMLResponse:
    return render(request, "imports/page.html", page, person=person)


@router.get("/{job_id}/files")
def files(request: Request, person: Viewer, page: OneImport) -> HTMLResponse:
    """What became of them so far, for a page that is open meanwhile."""
    return render(request, "imports/_files.html", page, person=person)


def _recent(session: Session) -> list[Job]:
    photographs = job_progress.recent_jobs(session, kind=JobKind.IMPORT, limit=RECENT)
    crops = job_progress.recent_jobs(session, kind=JobKind.CROPS, limit=RECENT)
    boxes = [job for job in crops if box_imports.told(job) is not None]
    newest_first = sorted([*photographs, *boxes], key=lambda job: job.id, reverse=True)
    return newest_first[:RECENT]
