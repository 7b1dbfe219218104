"""Background work: how far it is, stopping it, and going on with it.

Leads may do so with any; curators with what they have started themselves.
"""

from fastapi import APIRouter
from sqlalchemy.orm import Session

from app.domain.people import Role
from app.errors import Forbidden
from app.services import jobs, resuming
from app.web.access import Caller, CallerDep, Curator, Reading, Viewer, Writing
from app.web.api.shapes import JobShape, job_shape

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("/{job_id}")
def get_job(session: Reading, _person: Viewer, job_id: int) -> JobShape:
    return job_shape(jobs.get_job(session, job_id))


@router.post("/{job_id}/cancellation", status_code=202)
def cancel_job(session: Writing, caller: CallerDep, _person: Curator, job_id: int) -> JobShape:
    _expect_own(session, caller, job_id)
    return job_shape(jobs.cancel(session, job_id))


@router.post("/{job_id}/resumption", status_code=202)
def resume_job(session: Writing, caller: CallerDep, _person: Curator, job_id: int) -> JobShape:
    _expect_own(session, caller, job_id)
    return job_shape(resuming.resume(session, job_id))


def _expect_own(session: Session, caller: Caller, job_id: int) -> None:
    owner_id = jobs.get_job(session, job_id).person_id
    is_own = caller.person is not None and caller.person.id == owner_id
    if not is_own and not caller.may(Role.LEAD):
        raise Forbidden(
            "Somebody else has started job {number}; a lead can do this.", number=job_id
        )
