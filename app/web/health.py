"""What a proxy or a supervisor asks: is this server alive, and can it serve?"""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from app.migrating import fits
from app.web.access import ANYBODY, DatabaseDep

router = APIRouter(tags=["health"], dependencies=[ANYBODY])


class Health(BaseModel):
    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    ready: bool
    database: Literal["answers", "unreachable", "older schema"]


@router.get("/health")
async def health() -> Health:
    """The process answers; it asks nobody else: a database that is gone restarts nothing."""
    return Health()


@router.get("/ready", responses={503: {"model": Readiness}})
def ready(database: DatabaseDep, response: Response) -> Readiness:
    """Requests may be sent here: the database answers, and its schema is one we can work on."""
    try:
        is_well = fits(database.engine)
    except DBAPIError:
        response.status_code = 503
        return Readiness(ready=False, database="unreachable")
    if not is_well:
        response.status_code = 503
        return Readiness(ready=False, database="older schema")
    return Readiness(ready=True, database="answers")
