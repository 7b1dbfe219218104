"""Pruning: what may go goes, and nothing that anybody did."""

import os
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Candidate, Decision, LabelVersion, Review
from app.domain.people import Person
from app.domain.photographs import Photograph
from app.domain.specimens import Crop
from app.services import drawing, pruning
from app.services.pruning import Pruned
from app.services.verifying import verify
from tests import factories
from tests.conftest import MovableClock
from tests.service.storage.collection import add_round, decide, fill, predicted

DAY = 86_400


@pytest.fixture
def models(db: Database, blobs: FolderBlobs, person: Person, clock: MovableClock) -> list[int]:
    """Four rounds, a day between them; each model has predicted three specimens."""
    clock.move(seconds=DAY)
    fill(db, blobs, person)
    made = [1]
    for number in (2, 3, 4):
        clock.move(seconds=DAY)
        made.append(add_round(db, blobs, number))
    return made


def prune(db: Database, blobs: FolderBlobs, **wanted: Any) -> Pruned:
    chosen = {"rounds": 2, "grace": timedelta(days=7), **wanted}
    return pruning.prune(db, blobs, **chosen)


def age(blobs: FolderBlobs, db: Database, days: int) -> None:
    """All files were written so long ago."""
    moment = db.clock().timestamp() - days * DAY
    for stored in blobs.stored():
        os.utime(blobs.path(stored.digest), (moment, moment))


def rows_of(db: Database, kind: type[Any]) -> list[dict[str, Any]]:
    with db.reading() as session:
        columns = kind.__table__.columns
        return [dict(row._mapping) for row in session.execute(select(*columns).order_by(kind.id))]


def test_maps_of_old_rounds_go_and_all_that_anybody_did_stays(
    db: Database, blobs: FolderBlobs, models: list[int]
) -> None:
    kinds = (LabelVersion, Review, Photograph)
    before = [rows_of(db, kind) for kind in kinds]
    age(blobs, db, days=8)
    found = prune(db, blobs)
    assert (found.maps, found.young) == (6, 0)
    assert found.files > 0
    assert [rows_of(db, kind) for kind in kinds] == before
    assert verify(db, blobs).is_well
    with db.reading() as session:
        kept = select(Candidate.model_id).where(Candidate.probability_digest.is_not(None))
        assert set(session.scalars(kept)) == set(models[2:])
    assert prune(db, blobs) == Pruned()


def test_a_mask_that_was_rejected_long_ago_goes_and_its_review_stays(
    db: Database, blobs: FolderBlobs, person: Person, models: list[int]
) -> None:
    old, young = predicted(db, models[0])[2], predicted(db, models[3])[2]
    with db.transaction() as session:
        candidate = session.get_one(Candidate, old)
        candidate.digest = digest = blobs.put(b"a mask of its own")
    reviews = [
        decide(db, person, 3, Decision.REJECT, candidate_id=each, reasons=["hole"], again=each)
        for each in (old, young)
    ]
    age(blobs, db, days=8)
    assert prune(db, blobs, really=False).masks == 2
    assert blobs.find(digest) is not None
    assert prune(db, blobs).masks == 2  # one of `fill` is a method's
    assert blobs.find(digest) is None
    assert verify(db, blobs).is_well
    with db.reading() as session:
        assert session.get_one(Review, reviews[0]).candidate_id == old
        offered = drawing.masks_of(session, session.get_one(Crop, 3)).candidates
        assert {each.id for each in offered} & {old, young} == {young}
    decide(db, person, 3, Decision.RETRACT, retracts_id=reviews[0])
    decide(db, person, 3, Decision.RETRACT, retracts_id=reviews[1], again=2)
    with db.reading() as session:
        assert session.get_one(Candidate, old).rejected
        assert not session.get_one(Candidate, young).rejected
    assert verify(db, blobs).is_well


def test_members_of_the_benchmark_keep_all_masks(
    db: Database, blobs: FolderBlobs, person: Person, models: list[int]
) -> None:
    old = predicted(db, models[0])[2]
    decide(db, person, 3, Decision.REJECT, candidate_id=old, reasons=["hole"], again=old)
    with db.transaction() as session:
        factories.join_benchmark(session, 3)
    assert prune(db, blobs).masks == 0


@pytest.mark.usefixtures("models")
def test_a_file_that_was_handed_in_again_waits_for_its_row(
    db: Database, blobs: FolderBlobs
) -> None:
    digest = blobs.put(b"left over")
    age(blobs, db, days=30)
    moment = db.clock().timestamp()
    blobs.put(b"left over")
    os.utime(blobs.path(digest), (moment, moment))
    found = prune(db, blobs, rounds=9)
    assert (found.files, found.young) == (0, 1)
    age(blobs, db, days=30)
    found = prune(db, blobs, rounds=9)
    assert (found.files, found.size, found.young) == (1, len(b"left over"), 0)
    assert verify(db, blobs).is_well


def test_handing_in_anew_counts_as_written_now(blobs: FolderBlobs) -> None:
    digest = blobs.put(b"moth")
    os.utime(blobs.path(digest), (0, 0))
    blobs.put(b"moth")
    found = blobs.find(digest)
    assert found is not None
    assert found.written_at.timestamp() > DAY
