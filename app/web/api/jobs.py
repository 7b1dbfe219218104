"""Background work: how far it is, stopping it, and going on with it."""

from fastapi import APIRouter

from app.services import jobs, resuming
from app.web.access import Lead, Reading, Viewer, Writing
from app.web.api.shapes import JobShape, job_shape

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("/{job_id}")
def get_job(session: Reading, _person: Viewer, job_id: int) -> JobShape:
    return job_shape(jobs.get_job(session, job_id))


@router.post("/{job_id}/cancellation", status_code=202)
def cancel_job(session: Writing, _person: Lead, job_id: int) -> JobShape:
    return job_shape(jobs.cancel(session, job_id))


@router.post("/{job_id}/resumption", status_code=202)
def resume_job(session: Writing, _person: Lead, job_id: int) -> JobShape:
    return job_shape(resuming.resume(session, job_id))
