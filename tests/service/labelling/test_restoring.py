"""An earlier label version comes back as a new one; nothing is lost or overwritten."""

from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import func, select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Decision, LabelVersion, Review
from app.domain.people import Person
from app.domain.specimens import Specimen, SpecimenState
from app.errors import MothmaskError, NotFound, Refused, StaleParent
from app.services import drafts, labelling, restoring
from app.services.labelling import NewDecision
from app.services.restoring import NewRestoration
from ml.imaging.boxes import Box
from ml.imaging.masks import decode_mask
from tests import factories


@pytest.fixture
def version_ids(db: Database, blobs: FolderBlobs, person: Person) -> list[int]:
    """Three versions of specimen 1, the last of which counts."""
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs)
        return [
            factories.make_version(session, blobs, specimen, person, grown=grown).id
            for grown in range(3)
        ]


def wish(version_id: int, parent_id: int | None) -> NewRestoration:
    return NewRestoration(uuid4().hex, version_id, parent_id)


def restore(
    db: Database, blobs: FolderBlobs, person: Person, wanted: NewRestoration, specimen_id: int = 1
) -> Review:
    with db.reading() as session:
        earlier = restoring.find(session, specimen_id, wanted)
    digest, crop_id = restoring.store(blobs, earlier), earlier.crop.id
    with db.transaction() as session:
        return restoring.restore(
            session, person.id, specimen_id, wanted, digest=digest, crop_id=crop_id
        )


def version(db: Database, version_id: int | None) -> LabelVersion:
    with db.reading() as session:
        return session.get_one(LabelVersion, version_id)


def specimen(db: Database) -> Specimen:
    with db.reading() as session:
        return session.get_one(Specimen, 1)


def count(db: Database, kind: type[LabelVersion] | type[Review]) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count(kind.id))) or 0


def test_it_is_the_next_version_with_the_same_mask(
    db: Database, blobs: FolderBlobs, person: Person, version_ids: list[int]
) -> None:
    first, _, last = version_ids
    review = restore(db, blobs, person, wish(first, last))
    made = version(db, review.version_id)
    assert (made.number, made.parent_id, made.restores_id) == (4, last, first)
    assert (made.origin, made.digest) == ("restored", version(db, first).digest)
    assert (review.decision, review.parent_id) == (Decision.ACCEPT, last)
    assert specimen(db).version_id == made.id


def test_a_draft_is_not_touched(
    db: Database, blobs: FolderBlobs, person: Person, version_ids: list[int]
) -> None:
    first, _, last = version_ids
    with db.transaction() as session:
        crop = labelling.current_crop(session, 1)
        drafts.save(session, person.id, crop, version(db, first).digest, last)
    restore(db, blobs, person, wish(first, last))
    with db.reading() as session:
        assert drafts.find(session, person.id, 1) is not None


def test_the_same_decision_twice_is_one(
    db: Database, blobs: FolderBlobs, person: Person, version_ids: list[int]
) -> None:
    wanted = wish(version_ids[0], version_ids[2])
    once, again = (restore(db, blobs, person, wanted) for _ in range(2))
    assert once.id == again.id
    assert count(db, LabelVersion) == 4


def test_whoever_saw_another_label_is_told_of_the_new_one(
    db: Database, blobs: FolderBlobs, person: Person, version_ids: list[int]
) -> None:
    first, second, last = version_ids
    with pytest.raises(StaleParent) as refused:
        restore(db, blobs, person, wish(first, second))
    assert refused.value.current is not None
    assert refused.value.current.id == last
    assert (count(db, LabelVersion), count(db, Review)) == (3, 0)


def test_a_rejected_label_can_be_brought_back(
    db: Database, blobs: FolderBlobs, person: Person, version_ids: list[int]
) -> None:
    last = version_ids[2]
    rejected = NewDecision(
        uuid4().hex, Decision.REJECT, parent_id=last, version_id=last, reasons=["hole"]
    )
    with db.transaction() as session:
        labelling.decide(session, person.id, 1, rejected)
    assert specimen(db).state is SpecimenState.PROPOSED
    review = restore(db, blobs, person, wish(last, None))
    made = version(db, review.version_id)
    assert (made.number, made.parent_id, made.restores_id) == (4, None, last)
    assert specimen(db).state is SpecimenState.LABELLED


def test_taking_it_back_leaves_the_label_that_was_there(
    db: Database, blobs: FolderBlobs, person: Person, version_ids: list[int]
) -> None:
    review = restore(db, blobs, person, wish(version_ids[0], version_ids[2]))
    with db.transaction() as session:
        taken_back = NewDecision(uuid4().hex, Decision.RETRACT, retracts_id=review.id)
        labelling.decide(session, person.id, 1, taken_back)
    assert specimen(db).version_id == version_ids[2]
    assert count(db, LabelVersion) == 4


def test_a_mask_of_an_older_crop_is_carried_to_the_present_one(
    db: Database, blobs: FolderBlobs, person: Person, version_ids: list[int]
) -> None:
    box = Box(8, 6, 60, 44)
    with db.transaction() as session:
        factories.make_crop(session, blobs, session.get_one(Specimen, 1), box)
    review = restore(db, blobs, person, wish(version_ids[1], version_ids[2]))
    made = version(db, review.version_id)
    assert made.crop_id == specimen(db).crop_id
    np.testing.assert_array_equal(
        decode_mask(blobs.read(made.digest)), box.cut(factories.moth_mask(1))
    )


def test_what_lies_outside_the_present_crop_cannot_come_back(
    db: Database, blobs: FolderBlobs, person: Person, version_ids: list[int]
) -> None:
    with db.transaction() as session:
        factories.make_crop(session, blobs, session.get_one(Specimen, 1), Box(0, 0, 5, 5))
    with pytest.raises(Refused, match="lies in the present crop"):
        restore(db, blobs, person, wish(version_ids[0], version_ids[2]))


@pytest.mark.parametrize(
    ("number", "specimen_id", "refusal"), [(2, 1, Refused), (0, 2, NotFound), (9, 1, NotFound)]
)
def test_what_makes_no_sense_is_refused(
    db: Database,
    blobs: FolderBlobs,
    person: Person,
    version_ids: list[int],
    number: int,
    specimen_id: int,
    refusal: type[MothmaskError],
) -> None:
    """The present version, another specimen's, one that is not there."""
    with db.transaction() as session:
        factories.make_specimen(session, blobs, "moth-2")
    wanted = wish([*version_ids, *[999] * 9][number], version_ids[2])
    with pytest.raises(refusal):
        restore(db, blobs, person, wanted, specimen_id)
