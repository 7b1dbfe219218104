"""From a folder with SQLite to PostgreSQL with a bucket, and back; killed, and gone on with."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text, update

from app.blobs import Blobs, FolderBlobs, open_blobs
from app.db import Database
from app.domain.jobs import JobKind, JobState, Part, PartKind
from app.domain.labelling import Decision
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.errors import Conflict, Damaged, MothmaskError, Refused
from app.services import jobs, row_copying
from app.services.moving import Moved, move
from app.services.verifying import verify
from tests.conftest import MovableClock
from tests.s3 import FaultyProxy, settings_of
from tests.servers import new_postgres_database
from tests.service.storage.collection import decide, fill
from tests.service.storage.test_backups import contents

HEARTBEAT = timedelta(seconds=60)


@pytest.fixture
def other_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of the other kind."""
    if database_kind == "postgresql":
        yield f"sqlite:///{tmp_path / 'other.sqlite'}"
        return
    with new_postgres_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture
def other(other_url: str) -> Iterator[Database]:
    database = Database(other_url)
    yield database
    database.close()


@pytest.fixture
def store(s3_address: str, bucket: str) -> Blobs:
    return open_blobs(settings_of(s3_address, bucket))


def moved(db: Database, source: Blobs, url: str, target: Blobs) -> Moved:
    return move(db, source, url, target, HEARTBEAT)


def test_there_and_back_everything_is_the_same(
    db: Database,
    blobs: FolderBlobs,
    person: Person,
    other: Database,
    other_url: str,
    store: Blobs,
    empty_database_url: str,
    tmp_path: Path,
) -> None:
    fill(db, blobs, person)
    before, digests = contents(db), [each.digest for each in blobs.stored()]
    there = moved(db, blobs, other_url, store)
    assert (there.again, there.sums) == (False, before)
    assert contents(other) == before
    assert [each.digest for each in store.stored()] == digests
    assert verify(other, store).is_well
    decide(other, person, 6, Decision.REJECT, candidate_id=11, reasons=["hole"])
    after = contents(other)
    assert after != before
    back = FolderBlobs(tmp_path / "back")
    moved(other, store, empty_database_url, back)
    returned = Database(empty_database_url)
    assert contents(returned) == after
    assert verify(returned, back).is_well
    returned.close()
    assert contents(db) == before


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_it_goes_on_where_it_was_killed(
    db: Database,
    blobs: FolderBlobs,
    person: Person,
    other: Database,
    other_url: str,
    store: Blobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(db, blobs, person)
    count = len(list(blobs.stored()))
    go_on = row_copying._go_on_counting

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(row_copying, "_go_on_counting", die)
    with pytest.raises(KeyboardInterrupt):
        moved(db, blobs, other_url, store)
    assert all(each.rows == 0 for each in contents(other).values())
    monkeypatch.setattr(row_copying, "_go_on_counting", go_on)
    second = moved(db, blobs, other_url, store)
    assert (second.blobs.copied, second.blobs.there) == (0, count)
    third = moved(db, blobs, other_url, store)
    assert (third.again, third.sums) == (True, contents(db))
    assert verify(other, store).is_well


def test_other_data_is_not_written_over(
    db: Database, blobs: FolderBlobs, person: Person, other: Database, other_url: str, store: Blobs
) -> None:
    fill(db, blobs, person)
    moved(db, blobs, other_url, store)
    decide(db, person, 6, Decision.REJECT, candidate_id=11, reasons=["hole"])
    before = contents(other)
    with pytest.raises(Refused, match="holds other data already"):
        moved(db, blobs, other_url, store)
    assert contents(other) == before


def test_nothing_moves_while_workers_are_at_work(
    db: Database, blobs: FolderBlobs, other_url: str, store: Blobs, clock: MovableClock
) -> None:
    with db.transaction() as session:
        job = jobs.start(session, JobKind.MAPS, None)
        jobs.add_part(session, job.id, PartKind.MAPS, {"specimen": 1})
    with db.transaction() as session:
        assert jobs.claim(session, 1) is not None
    with pytest.raises(Conflict, match="Workers are at work"):
        moved(db, blobs, other_url, store)
    clock.move(seconds=61)
    assert moved(db, blobs, other_url, store).rows >= 2
    with db.reading() as session:
        assert session.get_one(Part, 1).state is JobState.RUNNING


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_is_lost_stops_it_before_the_rows(
    db: Database, blobs: FolderBlobs, person: Person, other_url: str, other: Database, store: Blobs
) -> None:
    fill(db, blobs, person)
    blobs.path(next(blobs.stored()).digest).unlink()
    with pytest.raises(Damaged, match="1 files are missing or damaged"):
        moved(db, blobs, other_url, store)
    assert all(each.rows == 0 for each in contents(other).values())


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_bucket_that_falters_holds_nothing_up(
    db: Database,
    blobs: FolderBlobs,
    person: Person,
    other_url: str,
    proxy: FaultyProxy,
    bucket: str,
) -> None:
    fill(db, blobs, person)
    proxy.faults = ["503", "cut", "deaf", "503"] * 2
    store = open_blobs(settings_of(proxy.address, bucket, s3_seconds=9))
    moved(db, blobs, other_url, store)
    assert [each.digest for each in store.stored()] == [each.digest for each in blobs.stored()]


def test_rows_that_name_nothing_are_not_moved(
    db: Database, blobs: FolderBlobs, person: Person, other_url: str, other: Database, store: Blobs
) -> None:
    fill(db, blobs, person)
    engine = create_engine(db.engine.url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(update(Specimen).where(Specimen.id == 5).values(photograph_id=999))
    engine.dispose()
    with pytest.raises(MothmaskError, match="specimen name rows that do not exist"):
        moved(db, blobs, other_url, store)
    assert all(each.rows == 0 for each in contents(other).values())
