"""What people say of boxes, and taking it back."""

from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import func, select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import LabelVersion
from app.domain.people import Person
from app.domain.specimens import BoxCheck, BoxVerdict, Crop, Specimen, SpecimenState
from app.errors import Conflict, Refused
from app.services import box_checks, boxes
from app.services.box_checks import NewCheck
from app.services.boxes import NewBox
from ml.imaging.boxes import Box
from ml.imaging.frame import Placement
from tests import factories
from tests.service.crops.flow import TIGHT, crop, label, on_photograph, specimen

HALF = Placement(Box(0, 0, 32, 48))


@pytest.fixture(autouse=True)
def moth(db: Database, blobs: FolderBlobs) -> Specimen:
    with db.transaction() as session:
        return factories.make_specimen(session, blobs)


@pytest.fixture
def labelled(db: Database, blobs: FolderBlobs, person: Person, moth: Specimen) -> LabelVersion:
    with db.transaction() as session:
        return factories.make_version(session, blobs, session.get_one(Specimen, moth.id), person)


class Curator:
    """Sends checks of specimen 1 as the page does."""

    def __init__(self, db: Database, blobs: FolderBlobs, person: Person) -> None:
        self.db, self.blobs, self.person = db, blobs, person

    def say(self, verdict: BoxVerdict, **more: object) -> BoxCheck:
        now = specimen(self.db)
        seen = {"crop_id": now.crop_id, "version_id": now.version_id}
        wanted = NewCheck(uuid4().hex, verdict, **{**seen, **more})  # type: ignore[arg-type]
        return self.send(wanted)

    def send(self, wanted: NewCheck) -> BoxCheck:
        return box_checks.make(self.db, self.blobs, self.person.id, 1, wanted)

    def undo(self, check: BoxCheck) -> BoxCheck:
        return self.say(BoxVerdict.UNDONE, retracts=check.decision_id)


@pytest.fixture
def curator(db: Database, blobs: FolderBlobs, person: Person) -> Curator:
    return Curator(db, blobs, person)


def test_a_box_that_is_right_is_checked_and_stays(db: Database, curator: Curator) -> None:
    check = curator.say(BoxVerdict.RIGHT)

    assert specimen(db).box_checked
    assert (specimen(db).crop_id, check.crop_id, check.before_id) == (1, 1, 1)

    curator.undo(check)
    assert not specimen(db).box_checked


@pytest.mark.usefixtures("labelled")
def test_a_correction_is_a_new_crop_and_taking_it_back_makes_the_old_one_count(
    db: Database, blobs: FolderBlobs, curator: Curator
) -> None:
    before = on_photograph(db, blobs)
    check = curator.say(BoxVerdict.CORRECTED, placement=HALF)

    assert crop(db, specimen(db).crop_id).box == HALF.box
    assert specimen(db).box_checked
    assert np.count_nonzero(on_photograph(db, blobs)) < np.count_nonzero(before)

    curator.undo(check)
    assert specimen(db).crop_id == 1
    assert not specimen(db).box_checked
    assert label(db).number == 3, "nothing is taken away: the label is carried back"
    np.testing.assert_array_equal(on_photograph(db, blobs), before)


def test_nothing_here_takes_the_crop_away_and_can_be_taken_back(
    db: Database, curator: Curator
) -> None:
    check = curator.say(BoxVerdict.NO_SPECIMEN)

    there = specimen(db)
    assert (there.state, there.crop_id) == (SpecimenState.UNCROPPED, None)
    assert there.box_checked

    curator.undo(check)
    there = specimen(db)
    assert (there.state, there.crop_id) == (SpecimenState.PROPOSED, 1)
    assert there.open_candidates == 2


@pytest.mark.usefixtures("labelled")
def test_a_specimen_with_a_label_is_there(curator: Curator) -> None:
    with pytest.raises(Conflict, match="has a label"):
        curator.say(BoxVerdict.NO_SPECIMEN)


def test_where_nothing_was_found_a_box_can_be_drawn(db: Database, curator: Curator) -> None:
    with db.transaction() as session:
        session.get_one(Specimen, 1).crop_id = None
    with pytest.raises(Refused, match="no box"):
        curator.say(BoxVerdict.RIGHT)

    check = curator.say(BoxVerdict.CORRECTED, placement=Placement(TIGHT))
    assert crop(db, specimen(db).crop_id).box == TIGHT

    curator.undo(check)
    assert specimen(db).state is SpecimenState.UNCROPPED


def test_the_same_check_twice_is_one(db: Database, curator: Curator) -> None:
    wanted = NewCheck("the-same-one", BoxVerdict.CORRECTED, crop_id=1, placement=HALF)

    assert curator.send(wanted).id == curator.send(wanted).id
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Crop)) == 2


def test_a_box_that_somebody_else_has_moved_is_not_overwritten(
    db: Database, blobs: FolderBlobs, curator: Curator
) -> None:
    boxes.place(db, blobs, 1, NewBox(TIGHT))

    for verdict in (BoxVerdict.RIGHT, BoxVerdict.CORRECTED, BoxVerdict.NO_SPECIMEN):
        with pytest.raises(Conflict, match="another box"):
            curator.say(verdict, crop_id=1, placement=HALF)


@pytest.mark.usefixtures("labelled")
def test_a_label_made_meanwhile_has_to_be_seen_first(curator: Curator) -> None:
    with pytest.raises(Conflict, match="another label"):
        curator.say(BoxVerdict.CORRECTED, version_id=None, placement=HALF)


def test_a_second_correction_may_follow_before_the_first_is_answered(
    db: Database, curator: Curator
) -> None:
    first = curator.say(BoxVerdict.CORRECTED, placement=HALF)
    curator.send(
        NewCheck(
            uuid4().hex,
            BoxVerdict.CORRECTED,
            crop_id=1,
            after=first.decision_id,
            placement=Placement(TIGHT),
        )
    )

    assert crop(db, specimen(db).crop_id).box == TIGHT


def test_only_what_still_stands_is_taken_back(curator: Curator) -> None:
    first = curator.say(BoxVerdict.CORRECTED, placement=HALF)
    curator.undo(first)
    with pytest.raises(Conflict):
        curator.undo(first)
    with pytest.raises(Refused, match="Name the check"):
        curator.say(BoxVerdict.UNDONE, retracts="unheard-of")


def test_a_box_beside_becomes_a_further_specimen(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    made = [
        box_checks.add(db, blobs, person.id, 1, "added-boxes-1", Placement(TIGHT)),
        box_checks.add(db, blobs, person.id, 1, "added-boxes-1", Placement(TIGHT)),
        box_checks.add(db, blobs, person.id, 1, "added-boxes-2", HALF),
    ]

    assert [check.specimen_id for check in made] == [2, 2, 3]
    second, third = specimen(db, 2), specimen(db, 3)
    assert [second.key, third.key] == ["moth-1#2", "moth-1#3"]
    assert second.state is SpecimenState.CROPPED
    assert second.box_checked
    assert crop(db, third.crop_id).box == HALF.box
