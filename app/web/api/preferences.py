"""How the person likes the pages."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from app.services import preferences
from app.web.access import Reading, Viewer, Writing

router = APIRouter(prefix="/preferences", tags=["preferences"])


@router.get("/{name}")
def get_preference(session: Reading, person: Viewer, name: str) -> Any:
    return preferences.get(session, person.id, name)


@router.put("/{name}", status_code=204)
def put_preference(
    session: Writing, person: Viewer, name: str, value: Annotated[Any, Body()]
) -> Response:
    preferences.put(session, person.id, name, value)
    return Response(status_code=204)
