"""Clocks that jump: a laptop that slept, a machine whose time is put right."""

from datetime import timedelta

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobKind, JobState, PartKind
from app.domain.people import Person
from app.services import days, jobs, leases, loose_blobs, queue_order, sweeping
from app.services.leases import Taken
from tests import factories
from tests.conftest import CollectingPublisher, MovableClock
from tests.service.labelling.test_days import decide

HEARTBEAT = timedelta(seconds=60)
AN_HOUR = 3600
A_DAY = 24 * AN_HOUR


@pytest.mark.parametrize("jump", [AN_HOUR, -AN_HOUR])
def test_a_dead_workers_part_is_given_to_another_whatever_the_clock_says(
    db: Database, clock: MovableClock, jump: float
) -> None:
    with db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        part_id = jobs.add_part(session, job.id, PartKind.CROP, {}).id
        assert jobs.claim(session, part_id) is not None
    clock.move(seconds=jump)
    with db.transaction() as session:
        sweeping.sweep(session, HEARTBEAT)
        assert jobs.get_part(session, part_id).state is JobState.QUEUED


@pytest.mark.parametrize("jump", [AN_HOUR, -AN_HOUR])
def test_a_lost_message_is_sent_again_once(
    db: Database, clock: MovableClock, publisher: CollectingPublisher, jump: float
) -> None:
    with db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        jobs.add_part(session, job.id, PartKind.CROP, {})
    publisher.messages.clear()
    clock.move(seconds=jump)
    for _ in range(2):
        with db.transaction() as session:
            sweeping.sweep(session, HEARTBEAT)
    assert len(publisher.messages) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_was_handed_out_in_the_future_is_handed_out_again(
    db: Database, blobs: FolderBlobs, clock: MovableClock
) -> None:
    with db.transaction() as session:
        lin, chen = (factories.make_person(session, name).id for name in ("Lin", "Chen"))
        specimen_id = factories.make_specimen(session, blobs).id
    clock.move(seconds=A_DAY)
    with db.transaction() as session:
        assert leases.take(session, lin, Taken()) != []
        assert leases.take(session, chen, Taken()) == []
    clock.move(seconds=-A_DAY)
    with db.transaction() as session:
        handed = leases.take(session, chen, Taken())
    assert [each.specimen.id for each in handed] == [specimen_id]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_day_that_was_summed_up_before_it_was_over_is_counted_again(
    db: Database, blobs: FolderBlobs, person: Person, clock: MovableClock
) -> None:
    with db.transaction() as session:
        ids = [factories.make_specimen(session, blobs, f"moth-{n}").id for n in range(3)]
    decide(db, clock, person, ids[:2], pause=10)
    clock.move(seconds=A_DAY + 2 * AN_HOUR)
    with db.transaction() as session:
        assert days.catch_up(session)
    clock.move(seconds=-A_DAY - 2 * AN_HOUR)
    with db.transaction() as session:
        days.catch_up(session)
    decide(db, clock, person, ids[2:], pause=10)
    with db.reading() as session:
        (today,) = days.so_far(session, person.id)
    assert today.accepted == 3


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_round_that_ended_in_the_future_changes_the_queue_once_and_not_at_every_sweep(
    db: Database, clock: MovableClock
) -> None:
    def is_due() -> bool:
        with db.transaction() as session:
            begun = queue_order.keep_up(session)
            if begun is not None:
                begun.state = JobState.DONE
            return begun is not None

    clock.move(seconds=AN_HOUR)
    with db.transaction() as session:
        round_ = jobs.start(session, JobKind.ROUND, None)
        round_.state, round_.finished_at = JobState.DONE, clock()
    clock.move(seconds=-AN_HOUR)
    assert [is_due(), is_due()] == [False, False]
    clock.move(seconds=AN_HOUR + 1)
    assert [is_due(), is_due()] == [True, False]


def test_a_sweep_between_storing_and_naming_loses_no_weights(
    db: Database, blobs: FolderBlobs, clock: MovableClock
) -> None:
    """A laptop that slept in between makes what was just stored look left behind."""
    with db.transaction() as session:
        loose_blobs.note(session, digest := blobs.put(b"weights"))
    clock.move(seconds=AN_HOUR)
    assert loose_blobs.sweep(db, blobs, older_than=2 * HEARTBEAT) == 1
    with db.transaction() as session:
        loose_blobs.named(session, blobs, digest, b"weights")
    assert blobs.read(digest) == b"weights"
    assert loose_blobs.sweep(db, blobs, older_than=timedelta(0)) == 0
