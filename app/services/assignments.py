"""Specimens that a lead asks a person to go through, with a name; everybody may, all the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from app.db import now
from app.domain.notices import NoticeKind
from app.domain.people import Person
from app.domain.photographs import Source
from app.domain.queue import AssignedSpecimen, Assignment, Handover
from app.domain.specimens import Specimen, SpecimenState, Tag
from app.errors import Conflict, NotFound, Refused
from app.services import notices

LONGEST_NAME = 100
MOST = 5000
_FINISHED = (SpecimenState.LABELLED, SpecimenState.UNUSABLE)


@dataclass(frozen=True)
class Wanted:
    """Chosen specimens, or the next `count` that wait of a stratum, a source or a tag."""

    name: str
    to_id: int
    specimen_ids: Sequence[int] = ()
    count: int = 0
    stratum: int | None = None
    source: str = ""
    tag: str = ""


@dataclass(frozen=True)
class Progress:
    assignment: Assignment
    finished: int
    """Labelled or unusable."""
    total: int

    @property
    def is_finished(self) -> bool:
        return self.finished == self.total


def make(session: Session, person_id: int, wanted: Wanted) -> Assignment:
    """Assign specimens to a person.

    Raises:
        Refused: no name, no specimens or too many.
        NotFound: there is no such person.
    """
    name = " ".join(wanted.name.split())[:LONGEST_NAME]
    if not name:
        raise Refused("Give what you assign a name.")
    _expect_person(session, wanted.to_id)
    ids = list(dict.fromkeys(wanted.specimen_ids)) or _next(session, wanted)
    if not ids:
        raise Refused("No specimen that waits for review fits.")
    if len(ids) > MOST:
        raise Refused("At most {most} specimens can be assigned at once.", most=MOST)
    _expect_specimens(session, ids)
    assignment = Assignment(name=name, person_id=wanted.to_id, created_at=now(session))
    session.add(assignment)
    session.flush()
    session.add_all(AssignedSpecimen(assignment_id=assignment.id, specimen_id=each) for each in ids)
    _hand_over(session, assignment, wanted.to_id, person_id)
    return assignment


def hand_to(session: Session, person_id: int, assignment_id: int, to_id: int) -> Assignment:
    """Give an open assignment to somebody else."""
    assignment = _open(session, assignment_id)
    _expect_person(session, to_id)
    assignment.person_id = to_id
    _hand_over(session, assignment, to_id, person_id)
    return assignment


def close(session: Session, person_id: int, assignment_id: int) -> Assignment:
    assignment = _open(session, assignment_id)
    assignment.closed_at = now(session)
    _hand_over(session, assignment, None, person_id)
    return assignment


def get(session: Session, assignment_id: int) -> Assignment:
    assignment = session.get(Assignment, assignment_id)
    if assignment is None:
        raise NotFound("There is no assignment {number}.", number=assignment_id)
    return assignment


def open_ones(session: Session, person_id: int | None = None) -> list[Progress]:
    """Those that are open, of one person or of all, the oldest first."""
    query = select(Assignment).where(Assignment.closed_at.is_(None))
    if person_id is not None:
        query = query.where(Assignment.person_id == person_id)
    found = session.scalars(query.options(joinedload(Assignment.person)).order_by(Assignment.id))
    return _progress(session, found.all())


def progress(session: Session, assignment: Assignment) -> Progress:
    return _progress(session, [assignment])[0]


def _progress(session: Session, assignments: Sequence[Assignment]) -> list[Progress]:
    finished, total = Counter[int](), Counter[int]()
    counts = session.execute(
        select(AssignedSpecimen.assignment_id, Specimen.state, func.count())
        .join(Specimen, Specimen.id == AssignedSpecimen.specimen_id)
        .where(AssignedSpecimen.assignment_id.in_([each.id for each in assignments]))
        .group_by(AssignedSpecimen.assignment_id, Specimen.state)
    )
    for number, state, count in counts:
        total[number] += count
        finished[number] += count if state in _FINISHED else 0
    return [Progress(each, finished[each.id], total[each.id]) for each in assignments]


def includes(assignment_id: int) -> ColumnElement[bool]:
    """Of a specimen: it belongs to the assignment."""
    mine = select(AssignedSpecimen.specimen_id).where(
        AssignedSpecimen.assignment_id == assignment_id
    )
    return Specimen.id.in_(mine)


def notice_finished(session: Session, specimen: Specimen) -> None:
    """Close the assignments of which this specimen was the last, and tell people."""
    if specimen.state not in _FINISHED:
        return
    session.flush()
    mine = (
        select(Assignment)
        .join(AssignedSpecimen, AssignedSpecimen.assignment_id == Assignment.id)
        .where(AssignedSpecimen.specimen_id == specimen.id, Assignment.closed_at.is_(None))
        .options(joinedload(Assignment.person))
    )
    for assignment in session.scalars(mine):
        left = select(Specimen.id).where(includes(assignment.id), Specimen.state.not_in(_FINISHED))
        if session.scalar(left.limit(1)) is None:
            assignment.closed_at = now(session)
            values = {"name": assignment.name, "person": assignment.person.name}
            notices.add(session, NoticeKind.ASSIGNMENT_DONE, values, address="/assignments")


def _next(session: Session, wanted: Wanted) -> list[int]:
    query = select(Specimen.id).where(
        Specimen.state == SpecimenState.PROPOSED, Specimen.open_candidates > 0
    )
    if wanted.stratum is not None:
        query = query.where(Specimen.stratum == wanted.stratum)
    if wanted.source:
        query = query.join(Source, Source.id == Specimen.source_id)
        query = query.where(Source.code == wanted.source)
    if wanted.tag:
        tagged = select(Tag.specimen_id).where(Tag.word == wanted.tag)
        query = query.where(Specimen.id.in_(tagged))
    order = Specimen.skips, Specimen.priority.desc(), Specimen.id
    return list(session.scalars(query.order_by(*order).limit(min(wanted.count, MOST))))


def _expect_person(session: Session, person_id: int) -> None:
    if session.get(Person, person_id) is None:
        raise NotFound("There is no person {number}.", number=person_id)


def _expect_specimens(session: Session, ids: Sequence[int]) -> None:
    known = set(session.scalars(select(Specimen.id).where(Specimen.id.in_(ids))))
    if missing := [each for each in ids if each not in known]:
        raise NotFound("There is no specimen {number}.", number=missing[0])


def _open(session: Session, assignment_id: int) -> Assignment:
    assignment = session.get(Assignment, assignment_id, with_for_update=True)
    if assignment is None:
        raise NotFound("There is no assignment {number}.", number=assignment_id)
    if assignment.closed_at is not None:
        raise Conflict("“{name}” is closed.", name=assignment.name)
    return assignment


def _hand_over(session: Session, assignment: Assignment, to_id: int | None, person_id: int) -> None:
    session.add(
        Handover(
            assignment_id=assignment.id, to_id=to_id, person_id=person_id, created_at=now(session)
        )
    )
