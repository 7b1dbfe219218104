"""Heart-beats of pages on which somebody reviews or draws."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.services import leases
from app.web.access import Curator, Writing

router = APIRouter(prefix="/leases", tags=["review"])


class Heartbeat(BaseModel):
    specimens: Annotated[list[int], Field(max_length=100)] = []
    """Fetched ahead."""
    looking_at: int | None = None


class Others(BaseModel):
    names: list[str]
    """Who else looks at the specimen in view."""


@router.put("")
def renew(session: Writing, person: Curator, beat: Heartbeat) -> Others:
    leases.renew(session, person.id, beat.specimens, beat.looking_at)
    seen = [beat.looking_at] if beat.looking_at is not None else []
    return Others(
        names=[lease.person.name for lease in leases.others_looking(session, person.id, seen)]
    )
