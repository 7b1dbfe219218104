"""What is told of the versions of a specimen, and how far two masks agree."""

from uuid import uuid4

import numpy as np
import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Decision
from app.domain.people import Person
from app.domain.rounds import RoundLabel, TrainedModel
from app.domain.specimens import Specimen, Split
from app.errors import MothmaskError, NotFound, Refused
from app.services import comparing, history, labelling, round_starting
from app.services.history import PAGE, Training
from app.services.labelling import NewDecision
from ml.imaging.arrays import Mask
from ml.imaging.boxes import Box
from ml.imaging.difference import ADDED, Difference
from ml.imaging.frame import Placement, into_photograph
from ml.imaging.masks import encode_mask
from ml.imaging.read import read_png
from ml.metrics.overlap import dice
from tests import factories

WHOLE = Box(0, 0, factories.WIDTH, factories.HEIGHT)


def label(db: Database, blobs: FolderBlobs, person: Person, *grown: int) -> Specimen:
    """A specimen with one version for each number."""
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs)
        for pixels in grown:
            factories.make_version(session, blobs, specimen, person, grown=pixels)
        return specimen


def decide(db: Database, person: Person, kind: Decision, **values: object) -> int:
    wanted = NewDecision(uuid4().hex, kind, **values)  # type: ignore[arg-type]
    with db.transaction() as session:
        review = labelling.decide(session, person.id, 1, wanted)
        session.flush()
        return review.id


def test_many_versions_come_a_page_at_a_time(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    label(db, blobs, person, *range(PAGE + 3))
    numbers, before = [], None
    with db.reading() as session:
        while True:
            page = history.versions(session, 1, before)
            numbers += [(entry.version.number, entry.parent) for entry in page.entries]
            before = page.next_before
            if before is None:
                break
    assert numbers == [(number, number - 1) for number in range(PAGE + 3, 1, -1)] + [(1, None)]


def test_reviews_stand_with_the_version_that_they_concern(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    version_id = label(db, blobs, person, 0).version_id
    named = {"version_id": version_id, "parent_id": version_id}
    decide(db, person, Decision.ACCEPT, **named)
    rejected = decide(db, person, Decision.REJECT, **named, reasons=["hole"], note="left wing")
    decide(db, person, Decision.RETRACT, retracts_id=rejected)
    with db.reading() as session:
        detail = history.specimen_detail(session, 1)
    agreed, refused = detail.versions.entries[0].reviews
    assert (agreed.confirms, agreed.taken_back_by) == (True, None)
    assert (refused.review.reasons, refused.review.note) == (["hole"], "left wing")
    assert (refused.number, refused.taken_back_by) == (1, "Ada")
    assert [line.undone for line in detail.decisions] == [Decision.REJECT, None, None]


def test_it_says_which_models_learned_from_a_version(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    with db.transaction() as session:
        for number in range(6):
            specimen = factories.make_specimen(session, blobs, f"moth-{number}")
            factories.make_version(session, blobs, specimen, person)
    with db.transaction() as session:
        round_ = round_starting.start_round(session, preset="tiny", person_id=person.id)
        used = session.get_one(RoundLabel, (round_.id, 1)).split
    with db.reading() as session:
        assert _trained(history.versions(session, 1, None)) == [Training(1, used, None, None)]
    with db.transaction() as session:
        for variant in ("random", "mix"):
            session.add(
                TrainedModel(
                    round_id=round_.id,
                    variant=variant,
                    weights_digest="0" * 64,
                    card_digest="0" * 64,
                    metrics={},
                    created_at=db.clock(),
                )
            )
    with db.reading() as session:
        trained = _trained(history.versions(session, 1, None))
    assert trained == [Training(1, used, 1, "random"), Training(1, used, 2, "mix")]
    assert used in Split


def _trained(page: history.VersionsPage) -> list[Training]:
    return page.entries[0].trained


def compare(db: Database, blobs: FolderBlobs, old: str, new: str) -> Difference:
    with db.reading() as session:
        pair = comparing.find(session, old, new)
    return comparing.compared(blobs, pair.old, pair.new)


def test_two_versions_are_compared_by_their_pixels(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    label(db, blobs, person, 0, 4)
    old, new = factories.moth_mask(0), factories.moth_mask(4)
    found = compare(db, blobs, "version-1", "version-2")
    assert found.dice == pytest.approx(dice(old, new))
    assert (found.added, found.removed) == ((new > old).sum(), 0)
    back = compare(db, blobs, "version-2", "version-1")
    assert (back.added, back.removed) == (0, found.added)


def test_a_version_is_compared_with_a_candidate(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    label(db, blobs, person, 0)
    found = compare(db, blobs, "version-1", "candidate-2")
    assert found.added == (factories.moth_mask(1) > factories.moth_mask(0)).sum()


def test_what_was_counted_is_remembered(
    db: Database, blobs: FolderBlobs, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    label(db, blobs, person, 0, 7)
    found = compare(db, blobs, "version-1", "version-2")
    monkeypatch.setattr(blobs, "read", None)
    assert compare(db, blobs, "version-1", "version-2") == found


@pytest.fixture
def moved(db: Database, blobs: FolderBlobs, person: Person) -> tuple[Box, Mask]:
    """Version 2 was made on another crop than version 1, which is the whole photograph."""
    box = Box(10, 4, 58, 40)
    mask = np.ascontiguousarray(box.cut(factories.moth_mask(2)))
    specimen_id = label(db, blobs, person, 0).id
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        factories.make_crop(session, blobs, specimen, box)
        version = factories.make_version(session, blobs, specimen, person)
        version.digest = blobs.put(encode_mask(mask))
    return box, mask


def test_masks_of_two_crops_meet_on_the_photograph(
    db: Database, blobs: FolderBlobs, moved: tuple[Box, Mask]
) -> None:
    box, mask = moved
    whole = into_photograph(mask, Placement(box), factories.HEIGHT, factories.WIDTH)
    found = compare(db, blobs, "version-1", "version-2")
    assert found.dice == pytest.approx(dice(factories.moth_mask(), whole))


def test_the_picture_of_two_crops_shows_both(
    db: Database, blobs: FolderBlobs, moved: tuple[Box, Mask]
) -> None:
    box, mask = moved
    with db.reading() as session:
        pair = comparing.find(session, "version-1", "version-2")
    picture = read_png(comparing.picture(blobs, pair, 1600))
    whole = into_photograph(mask, Placement(box), factories.HEIGHT, factories.WIDTH)
    green = (picture == ADDED).all(axis=2)
    np.testing.assert_array_equal(green, (whole > 0) & (factories.moth_mask() == 0))
    assert picture.shape[:2] == (WHOLE.height, WHOLE.width)


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("version-1", "version-2", Refused),
        ("version-1", "version-99", NotFound),
        ("version-1", "draft-1", Refused),
    ],
)
def test_only_masks_of_one_specimen_are_compared(
    db: Database,
    blobs: FolderBlobs,
    person: Person,
    old: str,
    new: str,
    refusal: type[MothmaskError],
) -> None:
    with db.transaction() as session:
        for key in ("moth-1", "moth-2"):
            specimen = factories.make_specimen(session, blobs, key)
            factories.make_version(session, blobs, specimen, person)
    with pytest.raises(refusal):
        compare(db, blobs, old, new)


def test_a_version_that_is_not_there_has_no_history(db: Database) -> None:
    with db.reading() as session, pytest.raises(NotFound):
        history.specimen_detail(session, 1)
