"""Sides are settled once, in the database, whoever asks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.specimens import Specimen, Split
from app.errors import Refused
from app.services.splitting import settle_splits
from tests import factories

AddSpecimens = Callable[[int], list[int]]


@pytest.fixture
def add(db: Database, blobs: FolderBlobs) -> AddSpecimens:
    made: list[int] = []

    def add_some(count: int) -> list[int]:
        with db.transaction() as session:
            for _ in range(count):
                key = f"moth-{len(made)}"
                made.append(factories.make_specimen(session, blobs, key, cropped=False).id)
        return made[-count:]

    return add_some


def settle(db: Database, ids: list[int]) -> dict[int, Split]:
    with db.transaction() as session:
        return settle_splits(session, ids)


def stored(db: Database) -> dict[int, Split | None]:
    with db.reading() as session:
        return {row.id: row.split for row in session.execute(select(Specimen.id, Specimen.split))}


def test_sides_are_kept_and_later_rounds_keep_to_them(db: Database, add: AddSpecimens) -> None:
    first = settle(db, earlier := add(20))
    second = settle(db, earlier + add(11))
    assert first.items() <= second.items()
    assert stored(db) == second
    assert list(second.values()).count(Split.VALIDATION) == 3


def test_those_who_are_left_out_get_no_side(db: Database, add: AddSpecimens) -> None:
    *members, left_out = add(6)
    settle(db, members)
    assert stored(db)[left_out] is None


def test_sides_follow_the_strata(db: Database, add: AddSpecimens) -> None:
    ids = add(40)
    with db.transaction() as session:
        for index, number in enumerate(ids):
            session.get_one(Specimen, number).stratum = 1 if index < 20 else 2
    sides = settle(db, ids)
    halves = ids[:20], ids[20:]
    assert [sum(sides[each] is Split.VALIDATION for each in half) for half in halves] == [2, 2]


def test_two_at_once_agree(db: Database, add: AddSpecimens) -> None:
    ids = add(30)
    with ThreadPoolExecutor() as pool:
        with db.transaction() as session:
            mine = settle_splits(session, ids)
            other = pool.submit(settle, db, ids[5:])
            wait([other], timeout=0.5)  # it cannot end before this transaction does
        theirs = other.result()
    assert theirs.items() <= mine.items()


@pytest.mark.parametrize(
    ("side", "sentence"),
    [
        (Split.TRAINING, "none of them can judge a model"),
        (Split.VALIDATION, "none of them may be trained on"),
    ],
)
def test_one_side_alone_is_refused(
    db: Database, add: AddSpecimens, side: Split, sentence: str
) -> None:
    ids = add(4)
    with db.transaction() as session:
        for number in ids:
            session.get_one(Specimen, number).split = side
    with pytest.raises(Refused, match=sentence):
        settle(db, ids)
    assert set(settle(db, ids + add(1)).values()) == set(Split)
