"""The forecast: estimates near the truth, from few rows, and a page for who leads."""

from datetime import timedelta

import pytest

from app.blobs import Blobs, FolderBlobs, open_blobs
from app.db import Database
from app.domain.people import Person
from app.services.disk_forecast import Disk, Forecast, forecast
from tests import factories
from tests.conftest import MovableClock
from tests.s3 import settings_of
from tests.service.storage.collection import fill

DAY = 86_400


def look(db: Database, blobs: Blobs) -> Forecast:
    with db.reading() as session:
        return forecast(session, blobs, db.clock())


def test_sizes_and_growth_are_near_the_truth(
    db: Database, blobs: FolderBlobs, clock: MovableClock
) -> None:
    def add(first: int, count: int) -> int:
        before = sum(each.size for each in blobs.stored())
        with db.transaction() as session:
            for number in range(first, first + count):
                source = factories.make_source(session)
                factories.make_photograph(session, blobs, f"moth-{number}", source)
        return sum(each.size for each in blobs.stored()) - before

    old = add(0, 60)
    clock.move(seconds=100 * DAY)
    new = add(60, 20)
    clock.move(seconds=10 * DAY)
    taken = look(db, blobs).kinds[0]
    assert (taken.code, taken.rows) == ("photographs", 80)
    assert taken.size == pytest.approx(old + new, rel=0.02)
    assert taken.per_day == pytest.approx(new / 28, rel=0.02)


def test_of_a_young_collection_all_days_count(
    db: Database, blobs: FolderBlobs, person: Person, clock: MovableClock
) -> None:
    fill(db, blobs, person)
    clock.move(seconds=2 * DAY)
    found = look(db, blobs)
    assert found.per_day == pytest.approx((found.size - found.database) / 2)
    assert found.disk is not None
    days = min(found.disk.free / found.per_day, 36_500)
    assert found.full_in == timedelta(days=days)


def test_where_nothing_is_nothing_grows(db: Database, blobs: FolderBlobs) -> None:
    found = look(db, blobs)
    assert (found.per_day, found.full_in) == (0, None)


def test_a_bucket_is_never_full(db: Database, person: Person, s3_address: str, bucket: str) -> None:
    store = open_blobs(settings_of(s3_address, bucket))
    fill(db, store, person)
    found = look(db, store)
    assert (found.disk, found.full_in, found.is_close) == (None, None, False)
    assert found.kinds[0].size > 0


@pytest.mark.parametrize(
    ("free", "days", "close"), [(50, 61, False), (50, 59, True), (9, None, True), (11, None, False)]
)
def test_who_leads_is_warned_in_time(free: int, days: int | None, close: bool) -> None:
    full_in = None if days is None else timedelta(days=days)
    assert Forecast([], 0, Disk(free, 100), full_in).is_close is close
