"""Having wing-colour strata made, and newcomers join them."""

from fastapi import APIRouter

from app.services import strata
from app.web.access import CurrentPerson, Writing
from app.web.api.shapes import JobShape, job_shape

router = APIRouter(prefix="/strata", tags=["strata"])


@router.post("", status_code=202)
def make_strata_anew(session: Writing, person: CurrentPerson) -> JobShape:
    return job_shape(strata.make_anew(session, person.id))


@router.post("/newcomers", status_code=202)
def join_newcomers(session: Writing, person: CurrentPerson) -> JobShape:
    """Let every specimen without a stratum join the nearest one."""
    return job_shape(strata.join_newcomers(session, person.id))
