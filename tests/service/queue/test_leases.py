"""Two who review are handed different specimens, and nobody is kept from anything."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.db import Database
from app.domain.labelling import Candidate, Decision, Review
from app.domain.queue import RandomCheck, Why
from app.domain.specimens import Specimen
from app.services import labelling, leases, queue_rule
from app.services.labelling import NewDecision
from app.services.leases import Taken
from app.services.queue_score import Weights
from tests import factories
from tests.conftest import MovableClock
from tests.service.queue.conftest import AddWaiting


@pytest.fixture
def people(db: Database) -> tuple[int, int]:
    with db.transaction() as session:
        return factories.make_person(session, "Lin").id, factories.make_person(session, "Chen").id


def take(db: Database, person_id: int, limit: int = 3) -> list[int]:
    with db.transaction() as session:
        handed = leases.take(session, person_id, Taken(limit=limit))
        return [each.specimen.id for each in handed]


def test_what_one_has_the_other_is_not_handed(
    db: Database, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    ids = add_waiting(6)
    lin, chen = people
    assert set(take(db, lin)) | set(take(db, chen)) == set(ids)
    assert take(db, chen, limit=6) != ids, "Lin still has three"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_of_one_stratum_only_what_is_in_it_is_handed(
    db: Database, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    pale, *_, dark = add_waiting(4)
    with db.transaction() as session:
        for number, stratum in ((pale, 1), (dark, 0)):
            session.get_one(Specimen, number).stratum = stratum
        handed = leases.take(session, people[0], Taken(stratum=0))
        assert [each.specimen.id for each in handed] == [dark]


def test_two_who_take_at_the_same_moment_are_handed_different_specimens(
    db: Database, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    add_waiting(12)
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda person: take(db, person, limit=4), people * 3))
    lin, chen = ({each for some in found[who::2] for each in some} for who in (0, 1))
    assert lin
    assert not lin & chen


def test_a_page_that_is_closed_frees_its_specimens_after_five_minutes(
    db: Database, clock: MovableClock, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    add_waiting(2)
    lin, chen = people
    had = take(db, lin)
    clock.move(seconds=4 * 60)
    assert take(db, chen) == []
    with db.transaction() as session:
        leases.renew(session, lin, had[:1], None)
    clock.move(seconds=2 * 60)
    assert take(db, chen) == had[1:], "the other one was renewed"
    clock.move(seconds=5 * 60)
    assert set(take(db, chen)) == set(had)


def test_who_else_looks_at_a_specimen_is_known_by_name(
    db: Database, clock: MovableClock, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    first, second = add_waiting(2)
    lin, chen = people
    with db.transaction() as session:
        leases.renew(session, lin, [first], first)
        leases.renew(session, chen, [], first)
        seen = leases.others_looking(session, chen, [first])
        assert [lease.person.name for lease in seen] == ["Lin"]
        leases.renew(session, lin, [first], second)
        assert leases.others_looking(session, chen, [first]) == [], "Lin went on"
    clock.move(seconds=301)
    with db.transaction() as session:
        assert leases.others_looking(session, lin, [first]) == [], "Chen is gone"


def test_what_somebody_else_has_can_be_decided_on(
    db: Database, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    (specimen_id,) = add_waiting(1)
    lin, chen = people
    take(db, lin)
    with db.transaction() as session:
        wanted = NewDecision(uuid.uuid4().hex, Decision.SKIP)
        assert labelling.decide(session, chen, specimen_id, wanted).why is None


def test_a_decision_keeps_why_its_specimen_was_shown(
    db: Database, add_waiting: AddWaiting, people: tuple[int, int]
) -> None:
    with db.transaction() as session:
        queue_rule.write(session, people[0], Weights(lot=0, check_share=0.5))
    add_waiting(4, uncertainty=[0.9, 0.8, 0.1, 0.2])
    shown = take(db, people[0], limit=2)
    with db.transaction() as session:
        for specimen_id in shown:
            query = select(Candidate.id).where(Candidate.specimen_id == specimen_id)
            wanted = NewDecision(
                uuid.uuid4().hex, Decision.ACCEPT, candidate_id=session.scalars(query).one()
            )
            labelling.decide(session, people[0], specimen_id, wanted)
    with db.reading() as session:
        reviews = session.scalars(select(Review).order_by(Review.id)).all()
        assert [review.why for review in reviews] == [Why.UNCERTAIN, Why.CHECK]
        check = session.scalars(select(RandomCheck)).one()
        assert (check.review_id, check.candidate_id) == (reviews[1].id, reviews[1].candidate_id)
