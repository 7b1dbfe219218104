"""Migrations make the schema of the mapped classes, and take it away again, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect

from app.db import make_engine
from app.migrating import is_current, migrate

Schema = dict[str, dict[str, object]]


@pytest.fixture
def migrated(empty_database_url: str) -> Iterator[Engine]:
    migrate(empty_database_url)
    engine = make_engine(empty_database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def mapped(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def schema(engine: Engine) -> Schema:
    inspector = inspect(engine)
    return {
        table: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in columns},
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": _by_name(inspector.get_foreign_keys(table)),
            "unique": _by_name(inspector.get_unique_constraints(table)),
            "indexes": _by_name(map(_with_text, inspector.get_indexes(table))),
            "checks": _by_name(inspector.get_check_constraints(table)),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
        for columns in [inspector.get_columns(table)]
    }


def _with_text(index: Any) -> Any:
    """Conditions of partial indexes are objects, of which no two are equal."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def _by_name(constraints: Any) -> list[Any]:
    return sorted(constraints, key=lambda constraint: str(constraint["name"]))


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_migrations_make_what_the_classes_say(migrated: Engine, mapped: Engine) -> None:
    assert schema(migrated) == schema(mapped)
    assert _expression_indexes(migrated) == _expression_indexes(mapped)
    assert is_current(migrated)
    assert not is_current(mapped)


def _expression_indexes(engine: Engine) -> list[str]:
    """SQLAlchemy cannot read these from SQLite, so they are compared as text."""
    if engine.dialect.name != "sqlite":
        return []
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%DESC%'"
        )
        return sorted(found.scalars())


def test_migrations_go_down_again(migrated: Engine) -> None:
    url = migrated.url.render_as_string(hide_password=False)
    migrate(url, "base")
    assert inspect(migrated).get_table_names() == ["alembic_version"]
    migrate(url)
    assert is_current(migrated)


def test_processes_that_migrate_at_once_do_no_harm(empty_database_url: str) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("fork")) as processes:
        list(processes.map(migrate, [empty_database_url] * 3))
    engine = make_engine(empty_database_url)
    assert is_current(engine)
    engine.dispose()


def _open(url: str) -> None:
    engine = make_engine(url)
    with engine.execution_options(mothmask_writes=True).begin():
        pass
    engine.dispose()


def test_processes_that_open_a_new_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as processes:
        for number in range(60):  # before it was mended, one file in twelve was refused
            list(processes.map(_open, [f"sqlite:///{tmp_path / str(number)}.sqlite"] * 4))
