"""Claim, heartbeat, cancel and sweep, as several workers and lost messages would have them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from app.db import Database
from app.domain.jobs import Job, JobKind, JobState, Part, PartKind
from app.errors import Conflict
from app.queue import Message, Queue
from app.services import jobs, resuming, sweeping
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress, Progress
from tests.conftest import CollectingPublisher, Drain, MovableClock
from worker.context import Context
from worker.progress import Cancelled
from worker.runner import Handler, run_part

HEARTBEAT = timedelta(seconds=60)


def add_job(db: Database, parts: int = 1) -> tuple[int, list[int]]:
    with db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        made = [jobs.add_part(session, job.id, PartKind.CROP, {"n": n}) for n in range(parts)]
        return job.id, [part.id for part in made]


def claim(db: Database, part_id: int) -> ClaimedPart | None:
    with db.transaction() as session:
        return jobs.claim(session, part_id)


def sweep(db: Database) -> int:
    with db.transaction() as session:
        return sweeping.sweep(session, HEARTBEAT)


def states(db: Database, job_id: int) -> tuple[JobState, list[JobState]]:
    with db.reading() as session:
        job = session.get_one(Job, job_id)
        parts = session.query(Part).where(Part.job_id == job_id).order_by(Part.id)
        return job.state, [part.state for part in parts]


def handled_by(handler: Handler) -> dict[PartKind, Handler]:
    return {PartKind.CROP: handler}


def do_nothing(_context: Context, _part: ClaimedPart, _on_progress: OnProgress) -> None:
    pass


def test_messages_leave_after_the_commit_and_not_without(
    db: Database, publisher: CollectingPublisher
) -> None:
    with suppress(ZeroDivisionError), db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        jobs.add_part(session, job.id, PartKind.CROP, {})
        raise ZeroDivisionError
    assert publisher.messages == []
    _, (part_id,) = add_job(db)
    assert publisher.messages == [Message(part_id, "cpu")]


def test_a_message_that_comes_twice_is_done_once(db: Database) -> None:
    _, (part_id,) = add_job(db)
    assert claim(db, part_id) is not None
    assert claim(db, part_id) is None


def test_a_job_is_done_when_its_last_part_is(context: Context, drain: Drain) -> None:
    job_id, part_ids = add_job(context.db, parts=3)
    run_part(context, handled_by(do_nothing), part_ids[0])
    assert states(context.db, job_id)[0] == JobState.RUNNING
    assert drain(context, handled_by(do_nothing)) == 2
    assert states(context.db, job_id) == (JobState.DONE, [JobState.DONE] * 3)


def test_a_growing_job_stays_open(context: Context, drain: Drain) -> None:
    with context.db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None, growing=True)
        jobs.add_part(session, job.id, PartKind.CROP, {})
        job_id = job.id
    drain(context, handled_by(do_nothing))
    assert states(context.db, job_id)[0] == JobState.RUNNING
    with context.db.transaction() as session:
        jobs.all_parts_added(session, job_id)
    assert states(context.db, job_id)[0] == JobState.DONE


def test_a_failed_part_fails_the_job_with_its_sentence_and_can_be_tried_again(
    context: Context, drain: Drain
) -> None:
    def refuse(_context: Context, part: ClaimedPart, _on_progress: OnProgress) -> None:
        if part.payload["n"] == 1:
            raise Conflict("Part {n} is odd.", n=1)

    job_id, _ = add_job(context.db, parts=3)
    drain(context, handled_by(refuse))
    assert states(context.db, job_id) == (
        JobState.FAILED,
        [JobState.DONE, JobState.FAILED, JobState.DONE],
    )
    with context.db.transaction() as session:
        assert jobs.get_job(session, job_id).message == "Part 1 is odd."
        resuming.resume(session, job_id)
    assert drain(context, handled_by(do_nothing)) == 1
    assert states(context.db, job_id)[0] == JobState.DONE


def test_an_unforeseen_error_says_no_internals(context: Context, drain: Drain) -> None:
    def break_down(_context: Context, _part: ClaimedPart, _on_progress: OnProgress) -> None:
        raise ZeroDivisionError("secret detail")

    job_id, _ = add_job(context.db)
    drain(context, handled_by(break_down))
    with context.db.reading() as session:
        job = jobs.get_job(session, job_id)
    assert job.state == JobState.FAILED
    assert "secret detail" not in job.message


def test_a_queued_job_that_is_cancelled_never_starts(context: Context, drain: Drain) -> None:
    job_id, _ = add_job(context.db, parts=2)
    with context.db.transaction() as session:
        jobs.cancel(session, job_id)
    assert drain(context, handled_by(do_nothing)) == 0
    assert states(context.db, job_id) == (JobState.CANCELLED, [JobState.CANCELLED] * 2)


def test_a_running_part_hears_of_the_cancellation(context: Context) -> None:
    heard = []

    def work(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
        with context.db.transaction() as session:
            jobs.cancel(session, part.job_id)
        try:
            on_progress(Progress("cropping", 1, 2))
        except Cancelled:
            heard.append(True)
            raise

    job_id, (part_id,) = add_job(context.db)
    run_part(context, handled_by(work), part_id)
    assert heard == [True]
    assert states(context.db, job_id) == (JobState.CANCELLED, [JobState.CANCELLED])


def test_what_is_added_to_a_cancelled_job_waits_for_its_resumption(
    db: Database, publisher: CollectingPublisher
) -> None:
    """An upload goes on for a while after somebody cancelled its job."""
    job_id, _ = add_job(db)
    with db.transaction() as session:
        jobs.cancel(session, job_id)
    publisher.messages.clear()
    with db.transaction() as session:
        part_id = jobs.add_part(session, job_id, PartKind.CROP, {}).id
    assert (claim(db, part_id), publisher.messages) == (None, [])
    with db.transaction() as session:
        resuming.resume(session, job_id)
    assert claim(db, part_id) is not None


def test_what_has_ended_cannot_be_cancelled(context: Context, drain: Drain) -> None:
    job_id, _ = add_job(context.db)
    drain(context, handled_by(do_nothing))
    with context.db.transaction() as session, pytest.raises(Conflict, match="already ended"):
        jobs.cancel(session, job_id)


def test_a_stopped_worker_hands_its_part_back(context: Context) -> None:
    def stopped(_context: Context, _part: ClaimedPart, _on_progress: OnProgress) -> None:
        raise SystemExit

    job_id, (part_id,) = add_job(context.db)
    with pytest.raises(SystemExit):
        run_part(context, handled_by(stopped), part_id)
    assert states(context.db, job_id)[1] == [JobState.QUEUED]


@pytest.mark.parametrize(
    ("silent_for", "beats", "expected"),
    [(30, False, JobState.RUNNING), (61, False, JobState.QUEUED), (61, True, JobState.RUNNING)],
)
def test_the_sweeper_takes_parts_from_silent_workers_only(
    db: Database, clock: MovableClock, silent_for: float, beats: bool, expected: JobState
) -> None:
    job_id, (part_id,) = add_job(db)
    part = claim(db, part_id)
    assert part is not None
    clock.move(seconds=silent_for)
    if beats:
        with db.transaction() as session:
            assert jobs.report(session, part, Progress("cropping", 1, 2))
    sweep(db)
    assert states(db, job_id)[1] == [expected]


def test_a_worker_believed_dead_cannot_touch_the_part_any_more(
    db: Database, clock: MovableClock
) -> None:
    job_id, (part_id,) = add_job(db)
    dead = claim(db, part_id)
    clock.move(seconds=61)
    sweep(db)
    alive = claim(db, part_id)
    assert dead is not None
    assert alive is not None
    with db.transaction() as session:
        assert not jobs.report(session, dead, Progress("cropping", 2, 2))
        jobs.finish(session, dead)
    assert states(db, job_id)[1] == [JobState.RUNNING]
    with db.transaction() as session:
        jobs.finish(session, alive)
    assert states(db, job_id)[0] == JobState.DONE


def test_lost_messages_are_sent_again_but_not_at_every_sweep(
    db: Database, clock: MovableClock, publisher: CollectingPublisher
) -> None:
    _, part_ids = add_job(db, parts=2)
    publisher.messages.clear()
    clock.move(seconds=61)
    assert [sweep(db), sweep(db)] == [2, 0]
    assert publisher.messages == [Message(part_id, "cpu") for part_id in part_ids]


def test_a_part_that_kills_every_worker_is_given_up(db: Database, clock: MovableClock) -> None:
    job_id, (part_id,) = add_job(db)
    for _ in range(jobs.MOST_ATTEMPTS):
        assert claim(db, part_id) is not None
        clock.move(seconds=61)
        sweep(db)
    assert states(db, job_id) == (JobState.FAILED, [JobState.FAILED])


def test_a_sweep_and_a_worker_that_ends_its_part_after_all_wait_for_each_other(
    db: Database, clock: MovableClock
) -> None:
    job_id, (part_id,) = add_job(db)
    for _ in range(jobs.MOST_ATTEMPTS):
        sweep(db)
        slow = claim(db, part_id)
        clock.move(seconds=61)
    assert slow is not None
    with ThreadPoolExecutor(1) as other:
        with db.transaction() as session:
            jobs.get_job(session, job_id, lock=True)
            swept = other.submit(sweep, db)
            with suppress(TimeoutError):
                swept.result(timeout=0.5)
            jobs.finish(session, slow)
        swept.result()
    assert states(db, job_id) == (JobState.DONE, [JobState.DONE])


def test_a_start_takes_back_everything_that_ran(
    db: Database, publisher: CollectingPublisher
) -> None:
    job_id, part_ids = add_job(db, parts=2)
    claim(db, part_ids[0])
    publisher.messages.clear()
    with db.transaction() as session:
        sweeping.take_back_all(session)
    assert states(db, job_id)[1] == [JobState.QUEUED] * 2
    assert [message.part_id for message in publisher.messages] == part_ids


def test_the_most_urgent_part_of_the_queue_is_done_first(db: Database) -> None:
    """Review of a large import begins before its last photograph is cropped."""
    with db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        kinds = (PartKind.CROP, PartKind.CROP, PartKind.REFINE, PartKind.PROPOSE)
        parts = [jobs.add_part(session, job.id, kind, {}) for kind in kinds]
        jobs.add_part(session, job.id, PartKind.TRAIN, {}, Queue.GPU)
    done = []
    for part in parts:
        with db.transaction() as session:
            chosen = jobs.most_urgent(session, part.id)
            assert chosen is not None
            claimed = jobs.claim(session, chosen)
            assert claimed is not None
            done.append(claimed.kind)
    assert done == [PartKind.PROPOSE, PartKind.CROP, PartKind.CROP, PartKind.REFINE]
    with db.transaction() as session:
        assert jobs.most_urgent(session, parts[0].id) is None


def test_a_job_that_looked_finished_goes_on_with_a_new_part(db: Database) -> None:
    """An import that is still staging while everything else starts anew is not cut short."""
    with db.transaction() as session:
        job_id = jobs.start(session, JobKind.IMPORT, None, growing=True).id
    with db.transaction() as session:
        sweeping.take_back_all(session)
        sweeping.sweep(session, timedelta(seconds=60))
        assert jobs.get_job(session, job_id).state is JobState.DONE
    with db.transaction() as session:
        jobs.add_part(session, job_id, PartKind.TAKE_IN, {})
        assert jobs.get_job(session, job_id).is_open
