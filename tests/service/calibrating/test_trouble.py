"""What happens to learning the order when it takes long or fails."""

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.services import jobs
from app.services.calibrating import EVERY
from ml.progress import Progress
from tests.conftest import MovableClock
from tests.service.calibrating import flow
from worker.context import Context
from worker.jobs import calibrate


def test_scoring_many_is_reported_between_them(
    context: Context, blobs: FolderBlobs, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the part would be taken for dead while it scores, and begun again elsewhere."""
    flow.accept(context.db, person, flow.add_specimens(context.db, blobs, EVERY))
    flow.add_specimens(context.db, blobs, 5, prefix="open")
    monkeypatch.setattr(calibrate, "AT_ONCE", 2)
    told: list[Progress] = []
    calibrate.run(context, flow.claim(context.db), told.append)
    assert [each.done for each in told if each.stage == "scoring"] == [0, 2, 4, 5]


def test_learning_that_failed_is_not_tried_after_each_decision(
    db: Database, blobs: FolderBlobs, person: Person, clock: MovableClock
) -> None:
    flow.accept(db, person, flow.add_specimens(db, blobs, EVERY))
    part = flow.claim(db)
    with db.transaction() as session:
        jobs.fail(session, part, "it broke")
    clock.move(seconds=1)
    more = flow.add_specimens(db, blobs, EVERY, prefix="more")
    flow.accept(db, person, more[:-1])
    assert len(flow.queued(db)) == 1
    flow.accept(db, person, more[-1:])
    assert len(flow.queued(db)) == 2
