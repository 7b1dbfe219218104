"""Counts of large collections are kept for a while, those of others never."""

from functools import partial
from itertools import count

import pytest
from sqlalchemy import select

from app.db import Database
from app.domain.people import Person
from app.services import people
from app.services.counting import LARGE, UpTo, kept, up_to


@pytest.mark.parametrize(("size", "seen"), [(LARGE - 1, [0, 1, 2]), (1000 * LARGE, [0, 0, 0])])
def test_only_what_takes_long_is_kept(db: Database, size: int, seen: list[int]) -> None:
    counted = count()
    with db.reading() as session:
        found = [
            kept(session, f"test of {size}", lambda: next(counted), lambda _: size) for _ in seen
        ]
    assert found == seen


@pytest.mark.parametrize(
    ("most", "counted", "told"), [(2, UpTo(2, True), "2+"), (3, UpTo(3), "3"), (4, UpTo(3), "3")]
)
def test_rows_are_counted_up_to_a_limit(db: Database, most: int, counted: UpTo, told: str) -> None:
    with db.transaction() as session:
        for name in "abc":
            people.get_or_make(session, name)
        found = up_to(session, select(Person.id), most)
    assert (found, str(found)) == (counted, told)


def test_two_databases_are_counted_apart(db: Database, empty_database_url: str) -> None:
    other = Database(empty_database_url)
    for database, rows in ((db, 10 * LARGE), (other, 20 * LARGE)):
        with database.reading() as session:
            assert kept(session, "apart", partial(int, rows), int) == rows
    other.close()
