"""Background work, live."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.services import job_progress, jobs
from app.services.job_progress import JobProgress
from app.web.access import Reading, Viewer
from app.web.rendering import render

router = APIRouter(prefix="/jobs")


@dataclass(frozen=True)
class JobsPage:
    jobs: list[JobProgress]


@router.get("")
def job_list(
    request: Request, session: Reading, person: Viewer, before: int | None = None
) -> HTMLResponse:
    recent = job_progress.recent_jobs(session, before=before)
    page = JobsPage([job_progress.progress(session, job) for job in recent])
    return render(request, "jobs/list.html", page, person=person)


@router.get("/{job_id}")
def job(request: Request, session: Reading, person: Viewer, job_id: int) -> HTMLResponse:
    page = job_progress.progress(session, jobs.get_job(session, job_id))
    return render(request, "jobs/page.html", page, person=person)


@router.get("/{job_id}/progress")
def progress(request: Request, session: Reading, person: Viewer, job_id: int) -> HTMLResponse:
    page = job_progress.progress(session, jobs.get_job(session, job_id))
    return render(request, "jobs/_progress.html", page, person=person)
