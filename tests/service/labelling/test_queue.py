"""What is reviewed next: the order follows the score that it claims to follow."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.queue import Why
from app.domain.specimens import Specimen
from app.services import queueing
from app.services.queueing import Show, settle_queue_place
from tests import factories


def fill(session: Session, blobs: FolderBlobs, uncertainties: Sequence[float | None]) -> None:
    for number, uncertainty in enumerate(uncertainties):
        specimen = factories.make_specimen(session, blobs, f"moth-{number}", methods=())
        factories.make_candidate(session, blobs, specimen)
        specimen.uncertainty = uncertainty
        settle_queue_place(session, specimen)


def keys(db: Database, **options: object) -> list[str]:
    with db.reading() as session:
        found = queueing.next_specimens(session, **options)  # type: ignore[arg-type]
        return [specimen.key for specimen in found]


@pytest.mark.parametrize(
    ("uncertainties", "order"),
    [
        ([0.1, 0.4, 0.2], ["moth-1", "moth-2", "moth-0"]),
        ([None, None, None], ["moth-0", "moth-1", "moth-2"]),
    ],
    ids=["most-uncertain-first", "ties-in-order-of-arrival"],
)
def test_the_order_follows_the_score(
    db: Database, blobs: FolderBlobs, uncertainties: list[float | None], order: list[str]
) -> None:
    with db.transaction() as session:
        factories.without_checks(session)
        fill(session, blobs, uncertainties)
    assert keys(db) == order


def test_before_there_is_a_model_lots_decide(db: Database, blobs: FolderBlobs) -> None:
    with db.transaction() as session:
        fill(session, blobs, [None] * 9)
        lots = {specimen.key: specimen.lot for specimen in session.scalars(select(Specimen))}
    assert keys(db, limit=9) == sorted(lots, key=lambda key: -lots[key])


def test_what_was_put_off_comes_last(db: Database, blobs: FolderBlobs) -> None:
    with db.transaction() as session:
        factories.without_checks(session)
        fill(session, blobs, [0.9, 0.5])
        first = queueing.next_specimens(session)[0]
        first.skips = 1
    assert keys(db) == ["moth-1", "moth-0"]
    with db.reading() as session:
        last = queueing.next_specimens(session)[-1]
        assert queueing.reasons(session, [last])[last.id].why is Why.PUT_OFF


def test_specimens_on_screen_are_left_out(db: Database, blobs: FolderBlobs) -> None:
    with db.transaction() as session:
        factories.without_checks(session)
        fill(session, blobs, [0.9, 0.8, 0.7])
        shown = queueing.next_specimens(session)[0].id
    assert keys(db, exclude=[shown], limit=1) == ["moth-1"]


def test_labelled_and_hopeless_specimens_are_not_in_the_queue(
    db: Database, blobs: FolderBlobs
) -> None:
    with db.transaction() as session:
        factories.without_checks(session)
        fill(session, blobs, [0.9, 0.8, 0.7])
        labelled, hopeless, _ = queueing.next_specimens(session)
        factories.make_version(session, blobs, labelled, factories.make_person(session))
        hopeless.open_candidates = 0
    assert keys(db) == ["moth-2"]
    assert keys(db, show=Show.HAND) == ["moth-1"]
    with db.reading() as session:
        counts = queueing.counts(session)
    assert (counts.waiting, counts.labelled, counts.total) == (1, 1, 3)
