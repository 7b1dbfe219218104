"""Brings a database to the schema that this version of the program needs."""

import sqlite3
import time
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from app.db import make_engine
from app.errors import MothmaskError

SCRIPTS = Path(__file__).resolve().parents[1] / "migrations"
LOCK = 7_068_453  # any number, as long as all of Mothmask agrees on it
LOCK_SECONDS = 2.0
"""The longest that a migration makes others wait who want to read or write a table."""
LOCK_TRIES = 60


def migrate(url: str, revision: str = "head", *, lock_seconds: float = LOCK_SECONDS) -> None:
    """Upgrade, or downgrade if the revision is older. Any number of processes may do so at once.

    A schema that is newer than this program is left as it is. Where somebody works on a table that
    has to be changed, we step back and try again: whoever waits for a table makes all that come
    later wait behind it, and so would stop the servers that go on meanwhile.
    """
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _let_tables_be_replaced)
    try:
        for _ in range(LOCK_TRIES):
            if _migrated(engine, revision, lock_seconds):
                return
            time.sleep(lock_seconds)
    finally:
        engine.dispose()
    raise MothmaskError(
        "The database is in use without a pause, so that its schema could not be changed. Try "
        "again when less is going on, or stop the workers meanwhile."
    )


def _migrated(engine: Engine, revision: str, lock_seconds: float) -> bool:
    try:
        with engine.execution_options(mothmask_writes=True).begin() as connection:
            _wait_for_others(connection, lock_seconds)
            if not _is_newer(connection):
                _run(connection, revision)
                _check_references(connection)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return False
        raise
    return True


def is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def fits(engine: Engine) -> bool:
    """Whether this program can work on the schema: its own, or a newer one.

    A newer schema has everything that this program knows, and more (decision 0024), so that a
    server goes on while others are upgraded.
    """
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        return found == _revisions()[0] or _is_newer(connection)


def _is_newer(connection: Connection) -> bool:
    found = MigrationContext.configure(connection).get_current_revision()
    return found is not None and found not in _revisions()[1]


@cache
def _revisions() -> tuple[str | None, frozenset[str]]:
    """The newest one that this program knows, and all."""
    scripts = ScriptDirectory.from_config(_config())
    return scripts.get_current_head(), frozenset(each.revision for each in scripts.walk_revisions())


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


def _wait_for_others(connection: Connection, lock_seconds: float) -> None:
    # On SQLite the transaction has begun with the write lock, which does the same.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = {round(1000 * lock_seconds)}"))


def _let_tables_be_replaced(connection: sqlite3.Connection, _record: Any) -> None:
    # With foreign keys on, dropping the old copy of a table would delete its children.
    connection.execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise MothmaskError("The migration would have left references to rows that do not exist.")
