"""Specimens that a lead asks somebody to go through."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field

from app.services import assignments
from app.services.assignments import LONGEST_NAME, MOST, Progress, Wanted
from app.web.access import Curator, Lead, Reading, Writing

router = APIRouter(prefix="/assignments", tags=["review"])


class AssignmentRequest(BaseModel):
    """Chosen specimens or, without any, the next `count` that wait of what is named."""

    name: Annotated[str, Field(max_length=LONGEST_NAME)]
    person: int
    specimens: Annotated[list[int], Field(max_length=MOST)] = []
    count: Annotated[int, Field(ge=0, le=MOST)] = 0
    stratum: Annotated[int | None, BeforeValidator(lambda given: given or None)] = None
    source: Annotated[str, Field(max_length=60)] = ""
    tag: Annotated[str, Field(max_length=60)] = ""


class HandoverRequest(BaseModel):
    person: int


class AssignmentShape(BaseModel):
    id: int
    name: str
    person: str
    finished: int
    total: int
    open: bool


@router.get("")
def get_assignments(session: Reading, _person: Lead) -> list[AssignmentShape]:
    """Those that are open."""
    return [_shape(each) for each in assignments.open_ones(session)]


@router.post("", status_code=201)
def make_assignment(session: Writing, person: Lead, wanted: AssignmentRequest) -> AssignmentShape:
    made = assignments.make(
        session,
        person.id,
        Wanted(
            name=wanted.name,
            to_id=wanted.person,
            specimen_ids=wanted.specimens,
            count=wanted.count,
            stratum=wanted.stratum,
            source=wanted.source.strip(),
            tag=wanted.tag.strip(),
        ),
    )
    session.flush()
    return _shape(assignments.progress(session, made))


@router.post("/{assignment_id}/handovers", status_code=201)
def hand_over(
    session: Writing, person: Lead, assignment_id: int, wanted: HandoverRequest
) -> AssignmentShape:
    moved = assignments.hand_to(session, person.id, assignment_id, wanted.person)
    session.flush()
    session.refresh(moved)
    return _shape(assignments.progress(session, moved))


@router.post("/{assignment_id}/closing", status_code=201)
def close_assignment(session: Writing, person: Curator, assignment_id: int) -> AssignmentShape:
    closed = assignments.close(session, person.id, assignment_id)
    return _shape(assignments.progress(session, closed))


def _shape(progress: Progress) -> AssignmentShape:
    assignment = progress.assignment
    return AssignmentShape(
        id=assignment.id,
        name=assignment.name,
        person=assignment.person.name,
        finished=progress.finished,
        total=progress.total,
        open=assignment.closed_at is None,
    )
