"""What each decision does, and that nothing of it is ever lost."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import HAND, Candidate, Decision, LabelVersion, Review
from app.domain.people import Person
from app.domain.specimens import Specimen, SpecimenState
from app.errors import Conflict, MothmaskError, NotFound, Refused, StaleParent
from app.services import labelling, mask_files
from app.services.labelling import NewDecision, NewMask
from ml.errors import UnusableMask
from ml.imaging.masks import decode_mask, encode_mask
from tests import factories


def decision(kind: Decision, **values: Any) -> NewDecision:
    return replace(NewDecision(decision_id=uuid4().hex, decision=kind), **values)


@pytest.fixture
def specimen_id(db: Database, blobs: FolderBlobs) -> int:
    with db.transaction() as session:
        return factories.make_specimen(session, blobs).id


@pytest.fixture
def other_person(db: Database) -> Person:
    with db.transaction() as session:
        other_id = factories.make_person(session, "林小姐").id
    with db.reading() as session:
        return session.get_one(Person, other_id)


def candidate_ids(db: Database, specimen_id: int) -> list[int]:
    with db.reading() as session:
        query = select(Candidate.id).where(Candidate.specimen_id == specimen_id)
        return list(session.scalars(query.order_by(Candidate.score.desc())))


def decide(db: Database, person: Person, specimen_id: int, wanted: NewDecision) -> Review:
    with db.transaction() as session:
        return labelling.decide(session, person.id, specimen_id, wanted)


def accept_first(db: Database, person: Person, specimen_id: int) -> Review:
    first = candidate_ids(db, specimen_id)[0]
    return decide(db, person, specimen_id, decision(Decision.ACCEPT, candidate_id=first))


def specimen(session: Session, specimen_id: int) -> Specimen:
    return session.get_one(Specimen, specimen_id)


def test_accepting_makes_version_one(db: Database, person: Person, specimen_id: int) -> None:
    review = accept_first(db, person, specimen_id)
    with db.reading() as session:
        version = session.get_one(LabelVersion, review.version_id)
        candidate = session.get_one(Candidate, version.candidate_id)
        assert (version.number, version.parent_id, version.person_id) == (1, None, person.id)
        assert (version.digest, version.origin) == (candidate.digest, candidate.origin)
        assert specimen(session, specimen_id).state is SpecimenState.LABELLED


def test_the_same_decision_twice_is_one(db: Database, person: Person, specimen_id: int) -> None:
    first = candidate_ids(db, specimen_id)[0]
    wanted = decision(Decision.ACCEPT, candidate_id=first)
    once, again = (decide(db, person, specimen_id, wanted) for _ in range(2))
    assert once.id == again.id
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(LabelVersion)) == 1


def test_a_decision_id_belongs_to_one_person(
    db: Database, person: Person, other_person: Person, specimen_id: int
) -> None:
    wanted = decision(Decision.SKIP)
    decide(db, person, specimen_id, wanted)
    with pytest.raises(Conflict, match="used before"):
        decide(db, other_person, specimen_id, wanted)


def test_the_second_of_two_curators_is_told_of_the_first(
    db: Database, person: Person, other_person: Person, specimen_id: int
) -> None:
    accept_first(db, person, specimen_id)
    second = candidate_ids(db, specimen_id)[1]
    with pytest.raises(StaleParent, match="Ada has saved version 1 of moth-1") as refused:
        decide(db, other_person, specimen_id, decision(Decision.ACCEPT, candidate_id=second))
    assert refused.value.current is not None
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 1


def test_keeping_mine_after_a_conflict_is_the_next_version(
    db: Database, person: Person, other_person: Person, specimen_id: int
) -> None:
    theirs = accept_first(db, person, specimen_id)
    second = candidate_ids(db, specimen_id)[1]
    mine = decision(Decision.ACCEPT, candidate_id=second, parent_id=theirs.version_id)
    review = decide(db, other_person, specimen_id, mine)
    with db.reading() as session:
        version = session.get_one(LabelVersion, review.version_id)
        assert (version.number, version.parent_id) == (2, theirs.version_id)


def test_rejected_candidates_leave_the_specimen_to_a_hand(
    db: Database, person: Person, specimen_id: int
) -> None:
    for candidate_id in candidate_ids(db, specimen_id):
        wanted = decision(Decision.REJECT, candidate_id=candidate_id, reasons=["rough-edge"])
        decide(db, person, specimen_id, wanted)
    with db.reading() as session:
        found = specimen(session, specimen_id)
        assert (found.state, found.open_candidates) == (SpecimenState.PROPOSED, 0)


def test_rejecting_the_label_takes_it_away_but_not_the_version(
    db: Database, person: Person, specimen_id: int
) -> None:
    version_id = accept_first(db, person, specimen_id).version_id
    wanted = decision(
        Decision.REJECT, version_id=version_id, parent_id=version_id, reasons=["hole"]
    )
    decide(db, person, specimen_id, wanted)
    with db.reading() as session:
        assert specimen(session, specimen_id).state is SpecimenState.PROPOSED
        assert session.get(LabelVersion, version_id) is not None


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Decision.ACCEPT, {}),
        (Decision.REJECT, {"reasons": ["shadow-included"]}),
        (Decision.SKIP, {}),
        (Decision.UNUSABLE, {"reasons": ["side-view"]}),
    ],
)
def test_every_decision_can_be_taken_back(
    db: Database, person: Person, specimen_id: int, kind: Decision, values: dict[str, object]
) -> None:
    def state() -> tuple[object, ...]:
        with db.reading() as session:
            found = specimen(session, specimen_id)
            return found.state, found.version_id, found.open_candidates, found.skips, found.unusable

    before = state()
    if kind in (Decision.ACCEPT, Decision.REJECT):
        values = {**values, "candidate_id": candidate_ids(db, specimen_id)[0]}
    review = decide(db, person, specimen_id, decision(kind, **values))
    assert state() != before
    decide(db, person, specimen_id, decision(Decision.RETRACT, retracts_id=review.id))
    assert state() == before
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 2


def test_a_decision_is_taken_back_once(db: Database, person: Person, specimen_id: int) -> None:
    review = decide(db, person, specimen_id, decision(Decision.SKIP))
    decide(db, person, specimen_id, decision(Decision.RETRACT, retracts_id=review.id))
    with pytest.raises(Conflict, match="taken back before"):
        decide(db, person, specimen_id, decision(Decision.RETRACT, retracts_id=review.id))


def test_a_candidate_stays_rejected_while_one_rejection_stands(
    db: Database, person: Person, other_person: Person, specimen_id: int
) -> None:
    first = candidate_ids(db, specimen_id)[0]
    rejection = decision(Decision.REJECT, candidate_id=first, reasons=["other"])
    review = decide(db, person, specimen_id, rejection)
    decide(db, other_person, specimen_id, replace(rejection, decision_id=uuid4().hex))
    decide(db, person, specimen_id, decision(Decision.RETRACT, retracts_id=review.id))
    with db.reading() as session:
        assert session.get_one(Candidate, first).rejected


def test_numbers_go_on_after_a_retraction(db: Database, person: Person, specimen_id: int) -> None:
    review = accept_first(db, person, specimen_id)
    decide(db, person, specimen_id, decision(Decision.RETRACT, retracts_id=review.id))
    again = accept_first(db, person, specimen_id)
    with db.reading() as session:
        assert session.get_one(LabelVersion, again.version_id).number == 2


@pytest.mark.parametrize(
    ("wanted", "refusal", "sentence"),
    [
        (decision(Decision.REJECT, candidate_id=1), Refused, "at least one reason"),
        (decision(Decision.UNUSABLE, reasons=["ugly"]), Refused, "“ugly” is no reason here"),
        (decision(Decision.ACCEPT), Refused, "Name a candidate"),
        (decision(Decision.ACCEPT, candidate_id=99), NotFound, "has no candidate 99"),
        (decision(Decision.RETRACT), Refused, "Name the decision"),
        (decision(Decision.SKIP, retracts_id=1), Refused, "Only a retraction"),
        (decision(Decision.SKIP, candidate_id=1), Refused, "either a candidate or a label"),
        (decision(Decision.UNUSABLE, version_id=99), Refused, "either a candidate or a label"),
        (decision(Decision.ACCEPT, candidate_id=1, version_id=99), Refused, "either a candidate"),
        (decision(Decision.ACCEPT, candidate_id=1, parent_id=5), StaleParent, "taken back"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_no_trace(
    db: Database,
    person: Person,
    specimen_id: int,
    wanted: NewDecision,
    refusal: type[MothmaskError],
    sentence: str,
) -> None:
    with pytest.raises(refusal, match=sentence):
        decide(db, person, specimen_id, wanted)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 0


def test_an_unusable_specimen_cannot_be_accepted(
    db: Database, person: Person, specimen_id: int
) -> None:
    decide(db, person, specimen_id, decision(Decision.UNUSABLE, reasons=["damaged"]))
    with pytest.raises(Conflict, match="marked unusable"):
        accept_first(db, person, specimen_id)


def save(
    db: Database, blobs: FolderBlobs, person: Person, specimen_id: int, data: bytes, origin: str
) -> Review:
    with db.reading() as session:
        crop = labelling.current_crop(session, specimen_id)
        place = mask_files.place_of(session, crop)
    found = mask_files.read_mask(place, data, mask_files.MaskFrom(origin))
    digest = mask_files.keep_mask(blobs, found)
    mask = NewMask(uuid4().hex, origin, digest, crop.id, None)
    with db.transaction() as session:
        return labelling.save_mask(session, person.id, specimen_id, mask)


def test_an_unusable_specimen_gets_no_mask_by_hand(
    db: Database, blobs: FolderBlobs, person: Person, specimen_id: int
) -> None:
    decide(db, person, specimen_id, decision(Decision.UNUSABLE, reasons=["damaged"]))
    with pytest.raises(Conflict, match="take that back first"):
        save(db, blobs, person, specimen_id, encode_mask(factories.moth_mask()), HAND)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(LabelVersion)) == 0


@pytest.mark.parametrize("origin", ["hand", "upload"])
def test_a_saved_mask_is_a_version_pixel_for_pixel(
    db: Database, blobs: FolderBlobs, person: Person, specimen_id: int, origin: str
) -> None:
    drawn = factories.moth_mask(grown=3)
    review = save(db, blobs, person, specimen_id, encode_mask(drawn), origin)
    with db.reading() as session:
        version = session.get_one(LabelVersion, review.version_id)
        assert version.origin == origin
        assert (decode_mask(blobs.read(version.digest)) == drawn).all()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (encode_mask(factories.moth_mask()[:-1]), "64 × 47 pixels, but the crop has 64 × 48"),
        (encode_mask(factories.moth_mask() * 0), "black"),
        (encode_mask(factories.moth_mask() * 0 + 255), "white"),
    ],
)
def test_what_is_no_mask_of_this_crop_is_refused(
    db: Database, blobs: FolderBlobs, person: Person, specimen_id: int, data: bytes, sentence: str
) -> None:
    with pytest.raises(UnusableMask, match=sentence):
        save(db, blobs, person, specimen_id, data, "upload")
    with db.reading() as session:
        assert specimen(session, specimen_id).state is SpecimenState.PROPOSED
