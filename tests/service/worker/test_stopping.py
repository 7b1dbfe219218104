"""A worker that is asked to stop ends its part or hands it back, and another goes on at once."""

import pytest

from app.db import Database
from app.domain.jobs import JobState, Part
from app.queue import Message
from app.services import jobs
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress, Progress
from tests.conftest import CollectingPublisher
from tests.service.worker.test_jobs import add_job, handled_by, states
from worker.context import Context
from worker.runner import run_part
from worker.stopping import Stop


class Asked:
    """Somebody asks the worker to stop in the middle, and so much time goes by after that."""

    def __init__(self, context: Context, seconds: float) -> None:
        self.context, self.seconds = context, seconds
        self.went_on = False

    def __call__(self, _context: Context, _part: ClaimedPart, on_progress: OnProgress) -> None:
        self.context.stop.ask()
        moment = self.context.stop.clock() + self.seconds
        self.context.stop.clock = lambda: moment
        on_progress(Progress("crop", 1, 2))
        self.went_on = True


@pytest.fixture
def stoppable(context: Context) -> Context:
    stop = Stop(grace_seconds=20, clock=lambda: 0.0)
    return Context(context.settings, context.db, context.blobs, stop)


def part_of(db: Database, part_id: int) -> Part:
    with db.reading() as session:
        return session.get_one(Part, part_id)


def test_a_part_that_is_soon_done_is_ended(stoppable: Context) -> None:
    job_id, (part_id,) = add_job(stoppable.db)
    run_part(stoppable, handled_by(Asked(stoppable, seconds=19)), part_id)
    assert states(stoppable.db, job_id) == (JobState.DONE, [JobState.DONE])


def test_a_part_that_takes_longer_is_handed_back_and_called_out_at_once(
    stoppable: Context, publisher: CollectingPublisher
) -> None:
    job_id, (part_id,) = add_job(stoppable.db)
    publisher.messages.clear()
    asked = Asked(stoppable, seconds=20)
    run_part(stoppable, handled_by(asked), part_id)
    assert not asked.went_on
    assert states(stoppable.db, job_id) == (JobState.RUNNING, [JobState.QUEUED])
    assert publisher.messages == [Message(part_id, "cpu")]


def test_handing_back_is_no_failed_attempt(stoppable: Context) -> None:
    _, (part_id,) = add_job(stoppable.db)
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        run_part(stoppable, handled_by(Asked(stoppable, seconds=20)), part_id)
    assert part_of(stoppable.db, part_id).attempts == 0
