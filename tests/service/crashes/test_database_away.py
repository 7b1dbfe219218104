"""A database that is restarted, full, or asked for too much: nobody sees more than a sentence."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobKind, JobState, Part, PartKind
from app.errors import DatabaseAway, DiskFull, MothmaskError
from app.main import create_app
from app.services import jobs, sweeping
from app.services.jobs import ClaimedPart
from app.settings import Settings
from ml.progress import OnProgress
from tests.conftest import CollectingPublisher, Drain, MovableClock
from tests.servers import free_port
from tests.service.web.conftest import TOKEN, browser
from worker import runner
from worker.context import Context
from worker.runner import run_part
from worker.sweeper import start_sweeper


class Failing(Database):
    """Its first transactions fail, as those of a database that is being restarted."""

    def __init__(self, database: Database, *errors: MothmaskError) -> None:
        super().__init__(str(database.engine.url), database.publisher, database.clock)
        self.errors = list(errors)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        if self.errors:
            raise self.errors.pop()
        with super().transaction() as session:
            yield session


def add_part(db: Database) -> int:
    with db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        return jobs.add_part(session, job.id, PartKind.CROP, {}).id


def state_of(db: Database, part_id: int) -> JobState:
    with db.reading() as session:
        return session.get_one(Part, part_id).state


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_part_whose_connection_is_killed_is_done_again_and_does_not_fail(
    context: Context, drain: Drain
) -> None:
    tries = []

    def work(context: Context, _part: ClaimedPart, _on_progress: OnProgress) -> None:
        tries.append(1)
        if len(tries) == 1:
            with context.db.transaction() as session:
                session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    part_id = add_part(context.db)
    run_part(context, {PartKind.CROP: work}, part_id)
    assert state_of(context.db, part_id) is JobState.RUNNING
    with context.db.transaction() as session:
        sweeping.sweep(session, context.heartbeat)
    drain(context, {PartKind.CROP: work})
    assert (len(tries), state_of(context.db, part_id)) == (2, JobState.DONE)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_part_that_kills_the_database_each_time_is_given_up(context: Context) -> None:
    def work(_context: Context, _part: ClaimedPart, _on_progress: OnProgress) -> None:
        raise DatabaseAway

    part_id = add_part(context.db)
    for _ in range(jobs.MOST_ATTEMPTS):
        run_part(context, {PartKind.CROP: work}, part_id)
        with context.db.transaction() as session:
            sweeping.sweep(session, context.heartbeat)
    assert state_of(context.db, part_id) is JobState.FAILED


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_part_that_gets_further_each_time_is_not_given_up(context: Context) -> None:
    """A training of days outlives more restarts than a part may have deaths in vain."""

    def work(context: Context, part: ClaimedPart, _on_progress: OnProgress) -> None:
        with context.db.transaction() as session:
            jobs.got_further(session, part)
        raise DatabaseAway

    part_id = add_part(context.db)
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        run_part(context, {PartKind.CROP: work}, part_id)
        with context.db.transaction() as session:
            sweeping.sweep(session, context.heartbeat)
    assert state_of(context.db, part_id) is JobState.QUEUED


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_message_that_comes_while_the_database_is_away_is_not_wasted(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(context: Context, _part: ClaimedPart, _on_progress: OnProgress) -> None:
        assert isinstance(context.db, Failing)
        context.db.errors.append(DatabaseAway())  # before it could be told that it is done

    monkeypatch.setattr(runner, "PAUSE_SECONDS", 0.0)
    part_id = add_part(context.db)
    failing = Failing(context.db, DatabaseAway(), DatabaseAway())
    run_part(replace(context, db=failing), {PartKind.CROP: work}, part_id)
    assert state_of(context.db, part_id) is JobState.DONE
    failing.close()


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("error", [DatabaseAway(), DiskFull()])
def test_a_sweeper_outlives_what_ends_again(
    context: Context,
    clock: MovableClock,
    publisher: CollectingPublisher,
    error: MothmaskError,
) -> None:
    part_id = add_part(context.db)
    publisher.messages.clear()
    clock.move(seconds=3600)
    failing = Failing(context.db, error)
    quick = context.settings.model_copy(update={"sweep_seconds": 0.01})
    stop = start_sweeper(replace(context, db=failing, settings=quick))
    deadline = time.monotonic() + 60
    while not publisher.messages and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    assert part_id in {message.part_id for message in publisher.messages}
    for thread in threading.enumerate():
        if thread.daemon and "sweep" in thread.name:
            thread.join()
    failing.close()


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("path", ["/", "/specimens", "/api/v1/status"])
def test_people_are_told_that_the_database_is_away(
    settings: Settings, blobs: FolderBlobs, path: str
) -> None:
    gone = Database(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing")
    known = settings.model_copy(update={"token": SecretStr(TOKEN)})
    with browser(create_app(known, gone, blobs)) as client:
        answer = client.get(path, params={"token": TOKEN})
    assert answer.status_code == 503
    assert "The database does not answer" in answer.text
    gone.close()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_fault_of_the_program_does_not_pass_for_a_database_that_is_away(db: Database) -> None:
    with pytest.raises(OperationalError), db.reading() as session:
        session.execute(text("SELECT * FROM no_such_table"))


def test_connections_that_were_lost_while_nobody_asked_are_made_anew(db: Database) -> None:
    with db.reading() as session:
        session.execute(text("SELECT 1"))
    if db.engine.dialect.name == "postgresql":
        with suppress(DatabaseAway), db.transaction() as session:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            session.execute(text(others + "current_database()"))
    with db.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1
