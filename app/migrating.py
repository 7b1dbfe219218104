"""Brings a database to the schema that this version of the program needs."""

import sqlite3
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, text

from app.db import make_engine
from app.errors import MothmaskError

SCRIPTS = Path(__file__).resolve().parents[1] / "migrations"
LOCK = 7_068_453  # any number, as long as all of Mothmask agrees on it


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade, or downgrade if the revision is older. Any number of processes may do so at once."""
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _let_tables_be_replaced)
    try:
        with engine.execution_options(mothmask_writes=True).begin() as connection:
            _wait_for_others(connection)
            _run(connection, revision)
            _check_references(connection)
    finally:
        engine.dispose()


def is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("prepend_sys_path", str(SCRIPTS.parent))  # migrations import each other
    return config


def _run(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    change = command.downgrade if _is_past(connection, config, revision) else command.upgrade
    change(config, revision)


def _is_past(connection: Connection, config: Config, revision: str) -> bool:
    """Whether the database has the revision already, and more."""
    current = MigrationContext.configure(connection).get_current_revision()
    if revision == "base":
        return True
    earlier = ScriptDirectory.from_config(config).iterate_revisions(current or "base", "base")
    return revision in [script.revision for script in earlier if script.revision != current]


def _wait_for_others(connection: Connection) -> None:
    # On SQLite the transaction has begun with the write lock, which does the same.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _let_tables_be_replaced(connection: sqlite3.Connection, _record: Any) -> None:
    # With foreign keys on, dropping the old copy of a table would delete its children.
    connection.execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise MothmaskError("The migration would have left references to rows that do not exist.")
