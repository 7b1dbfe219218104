"""No specimen is both of the benchmark and of a round, whoever writes the rows, and however."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from tests import factories
from tests.service.rounds import flow

LABELS = 6
INSERT = (
    "INSERT INTO round_label (round_id, version_id, specimen_id, in_benchmark, split, hard, "
    "padding) VALUES (1, :version, :specimen, {benchmark}, '{split}', false, 'white')"
)


@pytest.fixture(autouse=True)
def learned(db: Database, blobs: FolderBlobs, person: Person) -> None:
    """Specimens 2 to 6, with versions of the same numbers, are in round 1; specimen 1 is hard."""
    with db.transaction() as session:
        for number in range(LABELS):
            specimen = factories.make_specimen(session, blobs, f"moth-{number}")
            factories.make_version(session, blobs, specimen, person)
        factories.join_benchmark(session, 1)
    flow.finish(db, flow.start(db))


def execute(db: Database, statement: str, **values: int) -> None:
    with db.transaction() as session:
        session.execute(text(statement), values)


def numbers(db: Database, query: str) -> list[int]:
    with db.reading() as session:
        return list(session.scalars(text(query)))


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(INSERT.format(benchmark="false", split="training"), id="as if it were none"),
        pytest.param(INSERT.format(benchmark="true", split="training"), id="as what it is"),
        pytest.param(INSERT.format(benchmark="false", split="validation"), id="to validate"),
        pytest.param(
            "UPDATE round_label SET version_id = :version, specimen_id = :specimen "
            "WHERE version_id = 2",
            id="in place of another",
        ),
    ],
)
def test_a_member_enters_no_round(db: Database, statement: str) -> None:
    with pytest.raises(IntegrityError):
        execute(db, statement, version=1, specimen=1)
    learned = "SELECT specimen_id FROM round_label ORDER BY specimen_id"
    assert numbers(db, learned) == [2, 3, 4, 5, 6]


def test_a_members_label_enters_no_round_under_the_name_of_another_specimen(db: Database) -> None:
    with pytest.raises(IntegrityError):
        execute(db, INSERT.format(benchmark="false", split="training"), version=1, specimen=2)


def test_what_a_round_learned_from_never_joins(db: Database) -> None:
    with pytest.raises(IntegrityError):
        execute(db, "UPDATE specimen SET in_benchmark = true WHERE id = 2")
    assert numbers(db, "SELECT id FROM specimen WHERE in_benchmark") == [1]


def test_what_left_may_be_learned_from_and_then_never_joins_again(db: Database) -> None:
    execute(db, "UPDATE specimen SET in_benchmark = false WHERE id = 1")
    execute(db, INSERT.format(benchmark="false", split="training"), version=1, specimen=1)
    with pytest.raises(IntegrityError):
        execute(db, "UPDATE specimen SET in_benchmark = true WHERE id = 1")
