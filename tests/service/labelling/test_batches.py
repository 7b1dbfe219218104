"""Many decisions in one transaction: all of them, or none."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Candidate, Decision, LabelVersion, Review
from app.domain.people import Person
from app.domain.specimens import Specimen, SpecimenState
from app.errors import BatchStale, NotFound, Refused
from app.services import batches, labelling
from app.services.batches import BatchItem
from app.services.labelling import NewDecision
from tests import factories


@pytest.fixture
def specimen_ids(db: Database, blobs: FolderBlobs) -> list[int]:
    with db.transaction() as session:
        return [factories.make_specimen(session, blobs, f"蛾-{n}").id for n in range(6)]


def first_candidates(db: Database, ids: list[int]) -> dict[int, int]:
    with db.reading() as session:
        rows = session.execute(
            select(Candidate.specimen_id, func.min(Candidate.id))
            .where(Candidate.specimen_id.in_(ids))
            .group_by(Candidate.specimen_id)
        )
        return dict(rows.all())


def batch(db: Database, ids: list[int], kind: Decision, *reasons: str) -> list[BatchItem]:
    candidates = first_candidates(db, ids)
    return [
        BatchItem(
            id_,
            NewDecision(uuid4().hex, kind, candidate_id=candidates[id_], reasons=list(reasons)),
        )
        for id_ in reversed(ids)
    ]


def retraction(of: list[BatchItem]) -> list[BatchItem]:
    return [
        BatchItem(
            item.specimen_id,
            NewDecision(uuid4().hex, Decision.RETRACT),
            retracts=item.decision.decision_id,
        )
        for item in of
    ]


def decide_all(db: Database, person: Person, items: list[BatchItem]) -> list[Review]:
    with db.transaction() as session:
        return batches.decide_all(session, person.id, items)


def counts(db: Database) -> tuple[int, int]:
    with db.reading() as session:
        return session.query(Review).count(), session.query(LabelVersion).count()


def states(db: Database) -> set[SpecimenState]:
    with db.reading() as session:
        return set(session.scalars(select(Specimen.state)))


def test_a_batch_of_acceptances_makes_a_version_of_each(
    db: Database, person: Person, specimen_ids: list[int]
) -> None:
    reviews = decide_all(db, person, batch(db, specimen_ids, Decision.ACCEPT))
    assert [review.specimen_id for review in reviews] == specimen_ids
    assert counts(db) == (6, 6)
    assert states(db) == {SpecimenState.LABELLED}


def test_the_same_batch_twice_is_one(db: Database, person: Person, specimen_ids: list[int]) -> None:
    items = batch(db, specimen_ids, Decision.ACCEPT)
    once, again = (decide_all(db, person, items) for _ in range(2))
    assert [review.id for review in once] == [review.id for review in again]
    assert counts(db) == (6, 6)


def test_one_specimen_that_moved_on_holds_up_the_batch_and_is_named(
    db: Database, person: Person, specimen_ids: list[int]
) -> None:
    items = batch(db, specimen_ids, Decision.ACCEPT)
    moved, unusable = specimen_ids[2], specimen_ids[4]
    with db.transaction() as session:
        first = batch(db, [moved], Decision.ACCEPT)[0]
        labelling.decide(session, person.id, moved, first.decision)
        away = NewDecision(uuid4().hex, Decision.UNUSABLE, reasons=["damaged"])
        labelling.decide(session, person.id, unusable, away)
    before = counts(db)
    with pytest.raises(BatchStale, match="2 of 6 specimens") as refused:
        decide_all(db, person, items)
    assert sorted(refused.value.refusals) == [moved, unusable]
    assert "version 1" in str(refused.value.refusals[moved])
    assert counts(db) == before
    rest = [item for item in items if item.specimen_id not in refused.value.refusals]
    decide_all(db, person, rest)
    assert counts(db) == (before[0] + 4, before[1] + 4)


@pytest.mark.parametrize(("kind", "reasons"), [(Decision.ACCEPT, []), (Decision.REJECT, ["hole"])])
def test_a_batch_is_taken_back_as_one(
    db: Database, person: Person, specimen_ids: list[int], kind: Decision, reasons: list[str]
) -> None:
    items = batch(db, specimen_ids, kind, *reasons)
    decide_all(db, person, items)
    decide_all(db, person, retraction(items))
    with db.reading() as session:
        assert session.query(Candidate).filter(Candidate.rejected).count() == 0
    assert states(db) == {SpecimenState.PROPOSED}
    assert counts(db)[0] == 12


def test_what_was_decided_after_the_batch_stays_when_it_is_taken_back(
    db: Database, person: Person, specimen_ids: list[int]
) -> None:
    items = batch(db, specimen_ids, Decision.ACCEPT)
    decide_all(db, person, items)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_ids[0])
        again = NewDecision(
            uuid4().hex,
            Decision.ACCEPT,
            parent_id=specimen.version_id,
            candidate_id=first_candidates(db, specimen_ids)[specimen.id],
        )
        labelling.decide(session, person.id, specimen.id, again)
    with pytest.raises(BatchStale) as refused:
        decide_all(db, person, retraction(items))
    assert list(refused.value.refusals) == [specimen_ids[0]]


def test_what_is_not_on_record_cannot_be_taken_back(
    db: Database, person: Person, specimen_ids: list[int]
) -> None:
    with pytest.raises(BatchStale) as refused:
        decide_all(db, person, retraction(batch(db, specimen_ids[:1], Decision.ACCEPT)))
    assert "not on record" in str(refused.value.refusals[specimen_ids[0]])


def test_what_makes_no_sense_leaves_no_trace(
    db: Database, person: Person, specimen_ids: list[int]
) -> None:
    with pytest.raises(Refused, match="at least one reason"):
        decide_all(db, person, batch(db, specimen_ids, Decision.REJECT))
    unknown = BatchItem(9999, NewDecision(uuid4().hex, Decision.SKIP))
    with pytest.raises(NotFound, match="no specimen 9999"):
        decide_all(db, person, [*batch(db, specimen_ids, Decision.ACCEPT), unknown])
    assert counts(db) == (0, 0)
