"""A database of each kind, a blob folder, and workers that run in the test itself."""

import os
import pickle
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select

from app.blobs import FolderBlobs
from app.db import Database, make_engine
from app.domain import Base
from app.domain.jobs import JobState, Part, PartKind
from app.domain.people import Person
from app.queue import Message
from app.settings import Settings
from tests import factories
from tests.servers import new_postgres_database, running_postgres, running_redis
from tests.unordered import turn_around
from worker.context import Context
from worker.runner import Handler, run_part

Drain = Callable[..., int]


class MovableClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, *, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class CollectingPublisher:
    messages: list[Message] = field(default_factory=list)

    def publish(self, messages: Iterable[Message]) -> None:
        self.messages.extend(messages)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server on which databases may be made."""
    if url := os.environ.get("MOTHMASK_TEST_DATABASE_URL"):
        yield url
        return
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    if url := os.environ.get("MOTHMASK_TEST_REDIS_URL"):
        yield url
        return
    with running_redis() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "mothmask.sqlite"
    _create_schema(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str) -> Iterator[str]:
    """One for all tests, as making one takes longer than most of them: each leaves it empty."""
    with new_postgres_database(postgres_url) as url:
        _create_schema(url)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """A fresh database with the whole schema."""
    if database_kind == "sqlite":
        file = tmp_path / "mothmask.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    url = request.getfixturevalue("postgres_database")
    yield url
    _empty(url)


@pytest.fixture
def empty_database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """A fresh database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    with new_postgres_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def publisher() -> CollectingPublisher:
    return CollectingPublisher()


@pytest.fixture
def db(
    database_url: str, publisher: CollectingPublisher, clock: MovableClock
) -> Iterator[Database]:
    database = Database(database_url, publisher, clock)
    turn_around(database.engine)
    yield database
    database.close()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url, detector="fallback")


@pytest.fixture
def blobs(settings: Settings) -> FolderBlobs:
    return FolderBlobs(settings.blob_folder)


@pytest.fixture
def context(settings: Settings, db: Database, blobs: FolderBlobs) -> Context:
    return Context(settings=settings, db=db, blobs=blobs)


@pytest.fixture
def drain() -> Drain:
    """Runs every part that waits, and those that follow from them, and counts them."""
    return _drain


@pytest.fixture
def person(db: Database) -> Person:
    with db.transaction() as session:
        person_id = factories.make_person(session, "Ada").id
    with db.reading() as session:
        return session.get_one(Person, person_id)


def _drain(context: Context, handlers: Mapping[PartKind, Handler] | None = None) -> int:
    known = _all_handlers() if handlers is None else handlers
    ran = 0
    while (part_id := _first_waiting(context.db)) is not None:
        run_part(context, known, part_id)
        ran += 1
    return ran


def _all_handlers() -> Mapping[PartKind, Handler]:
    from worker.handlers import HANDLERS  # loads torch, which most tests do without

    return HANDLERS


def _first_waiting(db: Database) -> int | None:
    with db.reading() as session:
        waiting = select(Part.id).where(Part.state == JobState.QUEUED)
        return session.scalars(waiting.order_by(Part.id).limit(1)).first()


def _empty(url: str) -> None:
    """Take out all rows, whoever is still at it, and let numbers begin anew."""
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    tables = [f"DELETE FROM {table}" for table in Base.metadata.tables]
    engine = make_engine(url)
    with engine.begin() as connection:
        for statement in (
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}",
            "SET LOCAL session_replication_role = replica",  # references go in circles
            "; ".join(tables),
            "SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences "
            "WHERE last_value IS NOT NULL",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()


def _create_schema(url: str) -> None:
    engine = make_engine(url)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE EXTENSION pg_trgm")
    # A copy each time: on PostgreSQL SQLAlchemy takes references that go in a circle out of the
    # tables for good, and a schema of SQLite made after that would lack them.
    schema: MetaData = pickle.loads(pickle.dumps(Base.metadata))
    schema.create_all(engine)
    if engine.dialect.name == "sqlite":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
