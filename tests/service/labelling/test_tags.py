"""Free words on specimens."""

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.specimens import Tag
from app.errors import MothmaskError, NotFound, Refused
from app.services import tags
from tests import factories


@pytest.fixture
def specimen_ids(db: Database, blobs: FolderBlobs) -> list[int]:
    with db.transaction() as session:
        return [factories.make_specimen(session, blobs, f"moth-{n}").id for n in range(3)]


def tag(db: Database, person: Person, ids: list[int], word: str, *, on: bool = True) -> str:
    with db.transaction() as session:
        return tags.tag(session, person.id, ids, word, on=on)


def in_use(db: Database) -> list[tuple[str, int]]:
    with db.reading() as session:
        return [(each.word, each.count) for each in tags.words_in_use(session)]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("白翅", "白翅"),
        ("  white \t wing\n", "white wing"),
        ("e\u0301cail", "écail"),
        ("全\u3000角", "全 角"),
        ("x" * 60, "x" * 60),
    ],
)
def test_a_word_has_one_spelling(
    db: Database, person: Person, specimen_ids: list[int], typed: str, kept: str
) -> None:
    for _ in range(2):
        assert tag(db, person, specimen_ids[:1], typed) == kept
    assert in_use(db) == [(kept, 1)]


@pytest.mark.parametrize("word", ["", " \u3000 ", "x" * 61, "a\u0000b"])
def test_what_is_no_word_is_refused(
    db: Database, person: Person, specimen_ids: list[int], word: str
) -> None:
    with pytest.raises(Refused):
        tag(db, person, specimen_ids, word)
    assert in_use(db) == []


def test_many_specimens_at_once_and_who_tagged_them(
    db: Database, person: Person, specimen_ids: list[int]
) -> None:
    tag(db, person, specimen_ids[:1], "rare")
    tag(db, person, [*specimen_ids, *specimen_ids], "white wing")
    assert in_use(db) == [("white wing", 3), ("rare", 1)]
    with db.reading() as session:
        assert set(session.scalars(select(Tag.person_id))) == {person.id}
    for _ in range(2):
        tag(db, person, specimen_ids[1:], "white wing", on=False)
    assert in_use(db) == [("rare", 1), ("white wing", 1)]


def test_an_unknown_specimen_refuses_all(
    db: Database, person: Person, specimen_ids: list[int]
) -> None:
    with pytest.raises(NotFound, match="no specimen 999") as refused:
        tag(db, person, [*specimen_ids, 999], "rare")
    assert isinstance(refused.value, MothmaskError)
    assert in_use(db) == []
