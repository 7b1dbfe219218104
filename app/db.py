"""Sessions: `reading()` takes no lock, `transaction()` commits once and then tells the workers."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session

from app.errors import DatabaseAway, DiskFull, ReadOnly
from app.queue import Message, NoPublisher, Publisher

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Database:
    def __init__(
        self, url: str, publisher: Publisher | None = None, clock: Clock = utc_now
    ) -> None:
        self.engine = make_engine(url)
        self.publisher = publisher or NoPublisher()
        self.clock = clock

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with _told(), Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One commit at the end, or nothing. Messages leave only after the commit.

        A process that dies between the two loses messages, not parts: the sweeper sends again.
        """
        messages: list[Message] = []
        engine = self.engine.execution_options(mothmask_writes=True)
        info = {"clock": self.clock, "messages": messages}
        with _told(), Session(engine, info=info, expire_on_commit=False) as session:
            yield session
            session.commit()
        self.publisher.publish(messages)

    def close(self) -> None:
        self.engine.dispose()


def now(session: Session) -> datetime:
    clock: Clock = session.info["clock"]
    return clock()


def send_after_commit(session: Session, message: Message) -> None:
    session.info["messages"].append(message)


CONNECTIONS = 20
"""Kept open by a process that needs so many at once, and as many more in a rush: opening one costs
PostgreSQL more than most requests do."""


def make_engine(url: str) -> Engine:
    of_server: dict[str, Any] = {
        "pool_pre_ping": True,
        "pool_size": CONNECTIONS,
        "max_overflow": CONNECTIONS,
    }
    engine = create_engine(url, **({} if url.startswith("sqlite") else of_server))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # Python's own transactions begin too late and never for reads: we emit BEGIN ourselves.
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=30000")
    _use_write_ahead_log(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    # Of several processes that switch a new file at once SQLite refuses some, without waiting.
    for pause in (0.01, 0.03, 0.1, 0.3, 1, 3, 10):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(pause)
    connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that later writes could not wait for the lock, so writers take it at once.
    writes = connection.get_execution_options().get("mothmask_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _told() -> Iterator[None]:
    """Say in a sentence what is no fault of the program."""
    try:
        yield
    except NoConnectionFree as error:
        raise DatabaseAway from error
    except (OperationalError, InterfaceError) as error:
        if "full" in str(error.orig) or "No space left" in str(error.orig):
            raise DiskFull from error
        if "readonly" in str(error.orig) or "read-only transaction" in str(error.orig):
            raise ReadOnly("The database", str(error.orig).strip()) from error
        if _is_passing(error.orig):
            raise DatabaseAway from error
        raise


def _is_passing(error: BaseException | None) -> bool:
    """A lost connection, a restart, a deadlock; to SQLite other things are operational too."""
    if isinstance(error, sqlite3.Error):
        code: int = getattr(error, "sqlite_errorcode", 0)
        return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return True
