"""Servers of the version before go on while the schema is changed, and after it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from app.cli.workspace import open_database
from app.db import make_engine
from app.errors import MothmaskError
from app.migrating import SCRIPTS, fits, is_current, migrate
from app.settings import Settings

FIRST_RELEASED = "0008"
"""Before it nobody had Mothmask, so that nobody had to go on meanwhile."""
REVISIONS = sorted(each.revision for each in ScriptDirectory(str(SCRIPTS)).walk_revisions())
STEPS = [step for step in pairwise(REVISIONS) if step[0] >= FIRST_RELEASED]
ONLY_POSTGRES = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    made = make_engine(empty_database_url)
    yield made
    made.dispose()


def columns(engine: Engine) -> dict[tuple[str, str], Any]:
    inspector = inspect(engine)
    return {
        (table, column["name"]): column
        for table in inspector.get_table_names()
        for column in inspector.get_columns(table)
    }


@ONLY_POSTGRES
@pytest.mark.parametrize(("before", "after"), STEPS)
def test_what_the_version_before_reads_and_writes_stays_possible(
    empty_database_url: str, engine: Engine, before: str, after: str
) -> None:
    migrate(empty_database_url, before)
    old = columns(engine)
    migrate(empty_database_url, after)
    new = columns(engine)
    for place, column in old.items():
        assert place in new, "what is dropped must have been unused for a whole version"
        assert str(new[place]["type"]) == str(column["type"]), place
        assert new[place]["nullable"] or not column["nullable"], place
    known_tables = {table for table, _ in old}
    for place in new.keys() - old.keys():
        can_be_left_out = new[place]["nullable"] or new[place]["default"] is not None
        assert can_be_left_out or place[0] not in known_tables, place


@ONLY_POSTGRES
def test_a_migration_steps_back_for_those_who_work(empty_database_url: str, engine: Engine) -> None:
    """Somebody holds a table, the migration wants it, and a third one reads it meanwhile."""
    migrate(empty_database_url)
    migrate(empty_database_url, "0001")
    with ThreadPoolExecutor(1) as thread, engine.connect() as reader, engine.connect() as holder:
        holder.execute(text("SELECT count(*) FROM specimen"))
        migrating = thread.submit(migrate, empty_database_url, lock_seconds=0.2)
        for _ in range(20):  # by and by each of them would wait behind the migration
            reader.execute(text("SELECT count(*) FROM specimen"))
            reader.rollback()
        assert not migrating.done()
        holder.rollback()
        migrating.result()
    assert is_current(engine)


@ONLY_POSTGRES
def test_a_database_that_never_pauses_is_a_sentence(
    empty_database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.migrating.LOCK_TRIES", 2)
    migrate(empty_database_url, "0001")
    with engine.connect() as holder:
        holder.execute(text("SELECT count(*) FROM specimen"))
        with pytest.raises(MothmaskError, match="in use without a pause"):
            migrate(empty_database_url, lock_seconds=0.1)


def test_a_program_works_on_a_newer_schema_and_leaves_it_as_it_is(
    empty_database_url: str, engine: Engine, settings: Settings
) -> None:
    migrate(empty_database_url)
    with engine.execution_options(mothmask_writes=True).begin() as connection:
        connection.execute(text("ALTER TABLE specimen ADD COLUMN of_later_version INTEGER"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    migrate(empty_database_url)
    assert fits(engine)
    assert ("specimen", "of_later_version") in columns(engine)
    here = settings.model_copy(update={"database_url": empty_database_url})
    open_database(here).close()
