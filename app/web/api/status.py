"""Where everything stands, for programs that watch."""

from fastapi import APIRouter

from app.services.status import Status
from app.services.status import status as status_of
from app.web.access import Reading, Viewer

router = APIRouter(tags=["status"])


@router.get("/status")
def status(session: Reading, _person: Viewer) -> Status:
    return status_of(session)
