"""What was done on each day: summed up once when it is over, counted anew before that."""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.days import DayOfWork
from app.domain.labelling import Candidate, Decision
from app.domain.people import Person
from app.services import days, labelling
from app.services.days import Day, by_week, kind_of
from app.services.labelling import NewDecision
from tests import factories
from tests.conftest import MovableClock

A_DAY = 24 * 3600


def decide(
    db: Database, clock: MovableClock, person: Person, ids: Sequence[int], pause: float
) -> None:
    """Accept the first candidate of each, with a rejection of the second before it."""
    for specimen_id in ids:
        with db.transaction() as session:
            query = select(Candidate.id).where(Candidate.specimen_id == specimen_id)
            first, second = session.scalars(query.order_by(Candidate.id))
            rejected = NewDecision(
                uuid4().hex, Decision.REJECT, candidate_id=second, reasons=["hole"]
            )
            labelling.decide(session, person.id, specimen_id, rejected)
        clock.move(seconds=pause)
        with db.transaction() as session:
            accepted = NewDecision(uuid4().hex, Decision.ACCEPT, candidate_id=first)
            labelling.decide(session, person.id, specimen_id, accepted)
        clock.move(seconds=pause)


def so_far(db: Database, person: Person) -> list[Day]:
    with db.reading() as session:
        return days.so_far(session, person.id)


def catch_up(db: Database) -> bool:
    with db.transaction() as session:
        return days.catch_up(session)


def test_days_are_the_same_counted_anew_and_summed_up(
    db: Database, blobs: FolderBlobs, person: Person, clock: MovableClock
) -> None:
    with db.transaction() as session:
        ids = [factories.make_specimen(session, blobs, f"moth-{n}").id for n in range(5)]
        other = factories.make_person(session, "Lin")
    decide(db, clock, person, ids[:2], pause=10)
    decide(db, clock, other, ids[2:3], pause=30)
    clock.move(seconds=3 * A_DAY)
    decide(db, clock, person, ids[3:], pause=4)
    counted = so_far(db, person)
    assert not catch_up(db) or catch_up(db) is False
    assert so_far(db, person) == counted
    assert counted == [
        Day(date(2026, 1, 1), proposed=3, accepted=3, rejected=3, gaps=3, seconds=10),
        Day(date(2026, 1, 4), proposed=2, accepted=2, rejected=2, gaps=3, seconds=4),
    ]
    with db.reading() as session:
        kept = session.scalars(select(DayOfWork.day).distinct()).all()
    assert kept == ["2026-01-01"], "the last day is not over"
    assert so_far(db, other)[0].seconds == 30, "everybody sees their own pace"


@pytest.mark.parametrize(
    ("origin", "kind"),
    [
        ("grabcut", "proposed"),
        ("model:3", "predicted"),
        ("models:3+4", "predicted"),
        ("hand", "drawn"),
        ("upload:17", "uploaded"),
        ("restored", "brought_back"),
        ("carried", "brought_back"),
        ("carried:model:3", "predicted"),
    ],
)
def test_origins_are_put_together(origin: str, kind: str) -> None:
    assert kind_of(origin) == kind


def test_weeks_weigh_days_by_their_decisions() -> None:
    monday, sunday = date(2026, 1, 5), date(2026, 1, 11)
    found = by_week(
        [Day(monday, drawn=2, gaps=30, seconds=4.0), Day(sunday, drawn=1, gaps=10, seconds=8.0)]
    )
    assert found == [Day(monday, drawn=3, gaps=40, seconds=5.0)]
