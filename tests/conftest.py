"""A database of each kind, a blob folder, and workers that run in the test itself."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, make_url, select, text

from app.blobs import FolderBlobs
from app.db import Database, make_engine
from app.domain import Base
from app.domain.jobs import JobState, Part, PartKind
from app.domain.people import Person
from app.queue import Message
from app.settings import Settings
from tests import factories
from tests.servers import running_postgres, running_redis
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
def postgres_template(postgres_url: str) -> Iterator[str]:
    with _new_postgres_database(postgres_url) as url:
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
    template = make_url(request.getfixturevalue("postgres_template")).database
    server = request.getfixturevalue("postgres_url")
    with _new_postgres_database(server, f'TEMPLATE "{template}"') as url:
        yield url


@pytest.fixture
def empty_database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """A fresh database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    with _new_postgres_database(request.getfixturevalue("postgres_url")) as url:
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


def _create_schema(url: str) -> None:
    engine = make_engine(url)
    # A copy each time: on PostgreSQL SQLAlchemy takes references that go in a circle out of the
    # tables for good, and a schema of SQLite made after that would lack them.
    schema = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.tables.values():
        table.to_metadata(schema)
    schema.create_all(engine)
    if engine.dialect.name == "sqlite":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@contextmanager
def _new_postgres_database(server: str, options: str = "") -> Iterator[str]:
    name = f"mothmask_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" {options}'))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()
