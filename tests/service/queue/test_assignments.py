"""A lead assigns specimens; the person goes through them; the last one closes the assignment."""

import uuid

import pytest
from sqlalchemy import select

from app.db import Database
from app.domain.labelling import Decision
from app.domain.notices import Notice, NoticeKind
from app.domain.queue import Handover
from app.domain.specimens import Specimen
from app.errors import Conflict, MothmaskError
from app.services import assignments, labelling, leases, notices, queue_rule
from app.services.assignments import Wanted
from app.services.labelling import NewDecision
from app.services.leases import Taken
from app.services.queue_score import Weights
from tests import factories
from tests.service.queue.conftest import AddWaiting


@pytest.fixture
def people(db: Database) -> tuple[int, int]:
    with db.transaction() as session:
        return factories.make_person(session, "Lin").id, factories.make_person(session, "Chen").id


def assign(db: Database, by: int, wanted: Wanted) -> int:
    with db.transaction() as session:
        return assignments.make(session, by, wanted).id


def members(db: Database, assignment_id: int) -> set[int]:
    with db.reading() as session:
        query = select(Specimen.id).where(assignments.includes(assignment_id))
        return set(session.scalars(query))


def test_the_next_of_a_stratum_are_assigned_in_the_order_of_the_queue(
    db: Database, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    with db.transaction() as session:
        queue_rule.write(session, people[0], Weights(lot=0))
    ids = add_waiting(4, stratum=[1, 2, 1, 1], uncertainty=[0.1, 0.9, 0.3, 0.2])
    wanted = Wanted("white wings", people[1], count=2, stratum=1)
    assert members(db, assign(db, people[0], wanted)) == {ids[2], ids[3]}


def test_within_an_assignment_only_its_specimens_are_handed_out(
    db: Database, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    ids = add_waiting(4)
    number = assign(db, people[0], Wanted("two", people[1], specimen_ids=ids[2:]))
    with db.transaction() as session:
        handed = leases.take(session, people[1], Taken(assignment=number))
        assert {each.specimen.id for each in handed} == set(ids[2:])


def test_the_last_decision_closes_an_assignment_and_tells_people(
    db: Database, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    ids = add_waiting(2)
    assign(db, people[0], Wanted("both", people[1], specimen_ids=ids))
    for left, specimen_id in zip((1, 0), ids, strict=True):
        with db.transaction() as session:
            (progress,) = assignments.open_ones(session, people[1])
            assert progress.total - progress.finished == left + 1
            wanted = NewDecision(uuid.uuid4().hex, Decision.UNUSABLE, reasons=["damaged"])
            labelling.decide(session, people[1], specimen_id, wanted)
    with db.reading() as session:
        assert assignments.open_ones(session) == []
        told = session.scalars(select(Notice)).one()
        assert told.kind is NoticeKind.ASSIGNMENT_DONE
        assert told.values == {"name": "both", "person": "Chen"}
        assert notices.unread(session, people[0]) == 1


def test_handing_over_and_closing_are_recorded(
    db: Database, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    lin, chen = people
    number = assign(db, lin, Wanted("some", chen, specimen_ids=add_waiting(1)))
    with db.transaction() as session:
        assignments.hand_to(session, lin, number, lin)
        assignments.close(session, chen, number)
        told = session.scalars(select(Handover).order_by(Handover.id)).all()
        assert [(each.to_id, each.person_id) for each in told] == [
            (chen, lin),
            (lin, lin),
            (None, chen),
        ]
        with pytest.raises(Conflict, match="is closed"):
            assignments.hand_to(session, lin, number, chen)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(" ", 1, count=1), "a name"),
        (Wanted("of nothing", 1, count=5, source="ELSEWHERE"), "No specimen"),
        (Wanted("nobody's", 99, count=1), "no person 99"),
        (Wanted("unknown", 1, specimen_ids=[77]), "no specimen 77"),
    ],
)
def test_what_cannot_be_assigned_is_refused(
    db: Database, add_waiting: AddWaiting, people: tuple[int, int], wanted: Wanted, said: str
) -> None:
    add_waiting(1)
    with pytest.raises(MothmaskError, match=said):
        assign(db, people[0], wanted)
