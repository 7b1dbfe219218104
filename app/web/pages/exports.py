"""Exports: what there is to export, and the archives made so far."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.domain.jobs import JobKind
from app.domain.photographs import Source
from app.domain.specimens import SpecimenState
from app.services import counting, job_progress, sources, tags
from app.services.exports import ExportKind, Frame
from app.services.job_progress import JobProgress
from app.services.tags import WordInUse
from app.web.access import Reading, Viewer
from app.web.rendering import render

router = APIRouter(prefix="/exports")


@dataclass(frozen=True)
class ExportsPage:
    labels: int
    kinds: list[ExportKind]
    frames: list[Frame]
    sources: Sequence[Source]
    words: list[WordInUse]
    exports: list[JobProgress]


@router.get("")
def exports(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    recent = job_progress.recent_jobs(session, kind=JobKind.EXPORT)
    page = ExportsPage(
        labels=counting.state_counts(session)[SpecimenState.LABELLED],
        kinds=list(ExportKind),
        frames=list(Frame),
        sources=sources.all_sources(session),
        words=tags.words_in_use(session),
        exports=[job_progress.progress(session, job) for job in recent],
    )
    return render(request, "exports/page.html", page, person=person)
