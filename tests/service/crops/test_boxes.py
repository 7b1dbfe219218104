"""A specimen gets another box: a new crop version, and what was drawn comes along."""

import numpy as np
import pytest
from sqlalchemy import func, select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import Job, JobKind, Part, PartKind
from app.domain.labelling import CARRIED, Candidate, LabelVersion
from app.domain.people import Person
from app.domain.specimens import Crop, Specimen, SpecimenState
from app.errors import Conflict, NotFound, Refused
from app.services import boxes, carrying, labelling
from app.services.boxes import NewBox
from app.services.labelling import NewDecision
from ml.imaging.boxes import Box
from ml.imaging.masks import decode_mask
from ml.imaging.read import read_photograph, read_png
from tests import factories
from tests.service.crops.flow import TIGHT, crop, label, on_photograph, specimen

pytestmark = pytest.mark.usefixtures("moth")


@pytest.fixture
def moth(db: Database, blobs: FolderBlobs) -> Specimen:
    with db.transaction() as session:
        return factories.make_specimen(session, blobs)


@pytest.fixture
def labelled(db: Database, blobs: FolderBlobs, person: Person, moth: Specimen) -> LabelVersion:
    with db.transaction() as session:
        return factories.make_version(session, blobs, session.get_one(Specimen, moth.id), person)


def photograph(db: Database, blobs: FolderBlobs) -> np.ndarray:
    with db.reading() as session:
        digest = session.get_one(Specimen, 1).photograph.digest
    return read_photograph(blobs.read(digest)).pixels


def test_the_new_crop_holds_the_pixels_in_the_box(db: Database, blobs: FolderBlobs) -> None:
    made = crop(db, boxes.place(db, blobs, 1, NewBox(TIGHT)))

    assert (made.number, made.box, made.angle, made.origin) == (2, TIGHT, 0.0, "hand")
    assert specimen(db).crop_id == made.id
    pixels = read_png(blobs.read(made.digest))
    np.testing.assert_array_equal(pixels, TIGHT.cut(photograph(db, blobs)))


def test_masks_are_proposed_again_in_one_job_per_sitting(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    boxes.place(db, blobs, 1, NewBox(TIGHT), person_id=person.id)
    boxes.place(db, blobs, 1, NewBox(Box(5, 4, 60, 46)), person_id=person.id)

    with db.reading() as session:
        parts = session.scalars(select(Part).where(Part.kind == PartKind.PROPOSE)).all()
        job = session.scalars(select(Job).where(Job.kind == JobKind.CROPS)).one()
    assert [part.job_id for part in parts] == [job.id, job.id]


@pytest.mark.usefixtures("labelled")
def test_the_label_is_carried_in_the_coordinates_of_the_photograph(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    before, first = on_photograph(db, blobs), label(db)

    made = boxes.place(db, blobs, 1, NewBox(TIGHT), person_id=person.id)

    carried = label(db)
    assert (carried.origin, carried.parent_id, carried.number) == (CARRIED, first.id, 2)
    assert (carried.crop_id, carried.person_id) == (made, person.id)
    assert specimen(db).state is SpecimenState.LABELLED
    np.testing.assert_array_equal(on_photograph(db, blobs), before)


@pytest.mark.usefixtures("labelled")
def test_a_box_that_is_moved_and_moved_back_costs_nothing_of_the_label(
    db: Database, blobs: FolderBlobs
) -> None:
    before = on_photograph(db, blobs)
    whole = Box(0, 0, factories.WIDTH, factories.HEIGHT)

    boxes.place(db, blobs, 1, NewBox(Box(0, 0, 32, 48)))
    cut_off = on_photograph(db, blobs)
    boxes.place(db, blobs, 1, NewBox(Box(3, 2, 60, 44), angle=20.0))
    boxes.place(db, blobs, 1, NewBox(whole))

    assert 0 < np.count_nonzero(cut_off) < np.count_nonzero(before)
    np.testing.assert_array_equal(on_photograph(db, blobs), before)


@pytest.mark.usefixtures("labelled")
def test_the_label_in_a_turned_box_covers_what_it_covered(db: Database, blobs: FolderBlobs) -> None:
    before = on_photograph(db, blobs)

    made = crop(db, boxes.place(db, blobs, 1, NewBox(Box(2, 2, 62, 46), angle=372.0)))

    assert made.angle == 12.0
    after = on_photograph(db, blobs)
    assert np.count_nonzero(before & after) / np.count_nonzero(before | after) > 0.95


@pytest.mark.usefixtures("labelled")
def test_what_a_box_would_cut_off_is_told_before(db: Database, blobs: FolderBlobs) -> None:
    with db.reading() as session:
        load = carrying.load(session, session.get_one(Specimen, 1))
    assert load.label is not None

    half = carrying.left_out(blobs, load.label, boxes.straight(Box(0, 0, 32, 48), 0.0))

    assert half.outside == pytest.approx(half.total / 2, rel=0.1)


@pytest.mark.usefixtures("labelled")
def test_a_box_without_anything_of_the_label_is_refused(db: Database, blobs: FolderBlobs) -> None:
    with pytest.raises(Refused, match="Nothing of the label"):
        boxes.place(db, blobs, 1, NewBox(Box(0, 0, 8, 8)))
    assert specimen(db).crop_id == 1


def test_open_candidates_are_carried_and_can_be_accepted(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    with db.transaction() as session:
        moth = session.get_one(Specimen, 1)
        factories.make_candidate(session, blobs, moth, "upload:7", grown=2)
        factories.make_candidate(session, blobs, moth, "grabcut-wide").rejected = True
    made = boxes.place(db, blobs, 1, NewBox(TIGHT))

    with db.reading() as session:
        found = session.scalars(select(Candidate).where(Candidate.crop_id == made)).all()
    assert {each.origin for each in found} == {"carried:border-otsu", "carried:upload:7"}
    wanted = np.array(TIGHT.cut(factories.moth_mask()))
    best = next(each for each in found if each.origin == "carried:border-otsu")
    np.testing.assert_array_equal(decode_mask(blobs.read(best.digest)), wanted)
    with db.transaction() as session:
        accept = NewDecision("accepted-1", "accept", candidate_id=best.id)  # type: ignore[arg-type]
        labelling.decide(session, person.id, 1, accept)
    assert label(db).crop_id == made


def test_somebody_who_was_quicker_is_not_overwritten(db: Database, blobs: FolderBlobs) -> None:
    with db.reading() as session:
        found = boxes.find(session, 1)
    made = boxes.cut(blobs, found, NewBox(TIGHT))
    boxes.place(db, blobs, 1, NewBox(Box(5, 4, 60, 46)))

    with pytest.raises(Conflict, match="another box"), db.transaction() as session:
        boxes.store(session, made, person_id=None, job_id=None)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Crop)) == 2


def test_a_label_made_meanwhile_is_not_lost(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    with db.reading() as session:
        found = boxes.find(session, 1)
    made = boxes.cut(blobs, found, NewBox(TIGHT))
    with db.transaction() as session:
        factories.make_version(session, blobs, session.get_one(Specimen, 1), person)

    with pytest.raises(Conflict, match="another label"), db.transaction() as session:
        boxes.store(session, made, person_id=None, job_id=None)


@pytest.mark.parametrize(
    "new",
    [
        NewBox(Box(10, 10, 14, 40)),
        NewBox(Box(500, 500, 600, 600)),
        NewBox(Box(500, 500, 600, 600), angle=30.0),
        NewBox(Box(40, 40, 10, 10)),
    ],
)
def test_a_box_that_cannot_be_meant_is_refused(
    db: Database, blobs: FolderBlobs, new: NewBox
) -> None:
    with pytest.raises(Refused):
        boxes.place(db, blobs, 1, new)


def test_a_specimen_that_is_not_there_is_named(db: Database, blobs: FolderBlobs) -> None:
    with pytest.raises(NotFound, match="99"):
        boxes.place(db, blobs, 99, NewBox(TIGHT))
