"""What comes twice, or is done by two at the same moment, is done once."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.blobs import FolderBlobs
from app.db import Database, make_engine
from app.domain.jobs import JobKind, JobState, PartKind
from app.domain.people import Person
from app.migrating import is_current, migrate
from app.services import jobs, round_starting, sweeping
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress
from tests import factories
from tests.conftest import CollectingPublisher, MovableClock
from worker.context import Context
from worker.runner import run_part

PARTS = 12


def add_parts(db: Database) -> list[int]:
    with db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        return [jobs.add_part(session, job.id, PartKind.CROP, {}).id for _ in range(PARTS)]


def test_a_message_that_reaches_several_workers_is_done_once(context: Context) -> None:
    done = []

    def work(_context: Context, part: ClaimedPart, _on_progress: OnProgress) -> None:
        done.append(part.id)

    part_ids = add_parts(context.db)
    with ThreadPoolExecutor(4) as workers:
        delivered = [part_id for part_id in part_ids for _ in range(3)]
        list(workers.map(lambda id_: run_part(context, {PartKind.CROP: work}, id_), delivered))
    assert sorted(done) == part_ids


def test_two_sweepers_send_each_lost_message_once(
    db: Database, clock: MovableClock, publisher: CollectingPublisher
) -> None:
    part_ids = add_parts(db)
    publisher.messages.clear()
    clock.move(seconds=61)

    def sweep(_number: int) -> int:
        with db.transaction() as session:
            return sweeping.sweep(session, timedelta(seconds=60))

    with ThreadPoolExecutor(4) as sweepers:
        assert sum(sweepers.map(sweep, range(4))) == PARTS
    assert sorted(message.part_id for message in publisher.messages) == part_ids


def test_a_round_that_is_asked_for_twice_at_once_is_one_round(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    with db.transaction() as session:
        for number in range(4):
            specimen = factories.make_specimen(session, blobs, f"moth-{number}")
            factories.make_version(session, blobs, specimen, person)

    def start(_number: int) -> int:
        with db.transaction() as session:
            round_ = round_starting.start_round(
                session, preset="tiny", person_id=person.id, request_id="the-same"
            )
            return round_.number

    with ThreadPoolExecutor(3) as browsers:
        assert set(browsers.map(start, range(3))) == {1}


def test_a_part_that_reports_nothing_for_long_stays_with_its_worker(
    context: Context, clock: MovableClock
) -> None:
    """A network that is compiled, or a machine that has other things to do."""
    quick = context.settings.model_copy(update={"heartbeat_seconds": 0.04})
    beats: list[datetime | None] = []

    def work(context: Context, part: ClaimedPart, _on_progress: OnProgress) -> None:
        clock.move(seconds=3600)
        deadline = time.monotonic() + 60
        while beats[-1:] != [clock()] and time.monotonic() < deadline:
            with context.db.reading() as session:
                beats.append(jobs.get_part(session, part.id).heartbeat_at)
        with context.db.transaction() as session:
            sweeping.sweep(session, timedelta(seconds=60))

    part_id = add_parts(context.db)[0]
    run_part(replace(context, settings=quick), {PartKind.CROP: work}, part_id)
    with context.db.reading() as session:
        part = jobs.get_part(session, part_id)
        assert (part.state, part.attempts) == (JobState.DONE, 1)


@pytest.mark.parametrize("statement", [1, 30, 200])
def test_a_migration_that_is_killed_leaves_the_database_as_it_was(
    empty_database_url: str, statement: int
) -> None:
    dying = get_context("fork").Process(
        target=_migrate_and_die, args=(empty_database_url, statement)
    )
    dying.start()
    dying.join()
    assert dying.exitcode == -signal.SIGKILL
    migrate(empty_database_url)
    engine = make_engine(empty_database_url)
    assert is_current(engine)
    engine.dispose()


def _migrate_and_die(url: str, statement: int) -> None:
    seen: list[int] = []

    def before(*_: Any) -> None:
        seen.append(1)
        if len(seen) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", before)
    migrate(url)
