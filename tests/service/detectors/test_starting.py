"""Which boxes a training freezes, on which side they stand, and when none may start."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobState
from app.domain.people import Person
from app.domain.photographs import Source
from app.domain.specimens import Crop, Specimen
from app.errors import Conflict, Refused
from app.services import detector_boxes, jobs, resuming
from app.services.detector_rounds import AS_USUAL, DetectorWishes
from ml.detector_config import DetectorConfig
from ml.imaging.boxes import Box
from tests import factories
from tests.service.detectors import flow
from tests.service.detectors.flow import MOTH, add_boxes


def change(db: Database, specimen_id: int, **values: object) -> None:
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        for name, value in values.items():
            setattr(specimen, name, value)


def test_a_checked_crop_gives_what_was_found(db: Database, blobs: FolderBlobs) -> None:
    first, *_ = add_boxes(db, blobs, 20)
    box = flow.frozen(db, flow.start(db))[first]
    assert flow.edges(box) == [MOTH.left, MOTH.top, MOTH.right, MOTH.bottom]
    assert (box.version_id, box.crop_id) == (None, flow.specimen(db, first).crop_id)


def test_a_drawn_crop_is_made_smaller_as_its_source_enlarges(
    db: Database, blobs: FolderBlobs
) -> None:
    first, *_ = add_boxes(db, blobs, 20)
    with db.transaction() as session:
        source = session.scalars(select(Source)).one()
        source.scale_w, source.scale_ht, source.scale_hb = 0.2, 0.0, 0.4
        drawn = Box(10, 10, 50, 30).grown(0.2, 0.0, 0.4)
        crop = factories.make_crop(session, blobs, session.get_one(Specimen, first), drawn)
        crop.origin = "hand"
    assert flow.edges(flow.frozen(db, flow.start(db))[first]) == [10, 10, 50, 30]


def test_a_mask_goes_before_a_checked_crop(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    first, *_ = add_boxes(db, blobs, 20)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, first)
        version = factories.make_version(session, blobs, specimen, person)
    box = flow.frozen(db, flow.start(db))[first]
    assert (box.version_id, box.crop_id) == (version.id, None)
    assert flow.edges(box) == [None] * 4, "a worker looks at the mask later"


@pytest.mark.parametrize("values", [{"box_checked": False}, {"unusable": True}])
def test_what_is_not_sure_is_not_learned(
    db: Database, blobs: FolderBlobs, values: dict[str, bool]
) -> None:
    first, *others = add_boxes(db, blobs, 21)
    change(db, first, **values)
    assert set(flow.frozen(db, flow.start(db))) == set(others)


def test_a_turned_crop_needs_a_mask(db: Database, blobs: FolderBlobs, person: Person) -> None:
    first, second, *_ = add_boxes(db, blobs, 21)
    with db.transaction() as session:
        factories.make_version(session, blobs, session.get_one(Specimen, second), person)
        for specimen_id in (first, second):
            crop_id = session.get_one(Specimen, specimen_id).crop_id
            session.get_one(Crop, crop_id).angle = 30
    found = flow.frozen(db, flow.start(db))
    assert (first in found, second in found) == (False, True)


def test_the_benchmark_is_never_learned(db: Database, blobs: FolderBlobs) -> None:
    member, *others = add_boxes(db, blobs, 21)
    with db.transaction() as session:
        factories.join_benchmark(session, member)
    assert set(flow.frozen(db, flow.start(db))) == set(others)


def test_a_photograph_counts_only_with_all_of_its_specimens(
    db: Database, blobs: FolderBlobs
) -> None:
    first, second, *others = add_boxes(db, blobs, 22)
    change(db, second, photograph_id=flow.specimen(db, first).photograph_id)
    both = flow.start(db)
    flow.finish(db, both)
    assert {first, second} <= set(flow.frozen(db, both))
    assert len({flow.frozen(db, both)[number].split for number in (first, second)}) == 1
    change(db, second, box_checked=False)
    assert set(flow.frozen(db, flow.start(db))) == set(others)


def test_a_fifth_measures_and_goes_on_measuring(db: Database, blobs: FolderBlobs) -> None:
    add_boxes(db, blobs, 20)
    first = flow.start(db)
    flow.finish(db, first)
    add_boxes(db, blobs, 10, source="OTHER")
    second = flow.start(db)
    before, after = flow.sides(db, first)[1], flow.sides(db, second)[1]
    assert (len(before), len(after)) == (4, 6)
    assert before < after


def test_of_very_many_boxes_the_newest_of_each_source_are_learned(
    db: Database, blobs: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = add_boxes(db, blobs, 20)
    first = flow.start(db)
    flow.finish(db, first)
    other = add_boxes(db, blobs, 6, source="OTHER")
    monkeypatch.setattr(detector_boxes, "MOST_BOXES", 13)
    found = set(flow.frozen(db, flow.start(db)))
    assert len(found) == 12, "the last may be one of several on its photograph"
    assert flow.sides(db, first)[1] <= found
    assert {other[-1], old[-1]} <= found
    assert len(found & set(other)) >= 4


@pytest.mark.parametrize("count", [0, 19])
def test_too_few_boxes_are_refused(db: Database, blobs: FolderBlobs, count: int) -> None:
    add_boxes(db, blobs, count)
    with pytest.raises(Refused, match=f"at least 20 sure boxes .* there are {count} on {count}"):
        flow.start(db)


def test_one_drawer_is_too_few_photographs(db: Database, blobs: FolderBlobs) -> None:
    first, *others = add_boxes(db, blobs, 20)
    for other in others:
        change(db, other, photograph_id=flow.specimen(db, first).photograph_id)
    with pytest.raises(Refused, match="there are 20 on 1"):
        flow.start(db)


@pytest.mark.parametrize("wishes", [DetectorWishes(steps=0), DetectorWishes(seed=-1)])
def test_a_wish_out_of_range_is_refused(
    db: Database, blobs: FolderBlobs, wishes: DetectorWishes
) -> None:
    add_boxes(db, blobs, 20)
    with pytest.raises(Refused, match="is a number from"):
        flow.start(db, wishes)


def test_one_detector_is_trained_at_a_time(db: Database, blobs: FolderBlobs) -> None:
    add_boxes(db, blobs, 20)
    first = flow.start(db)
    with pytest.raises(Conflict, match="Training 1 of a detector is still running"):
        flow.start(db)
    with db.transaction() as session:
        jobs.cancel(session, first.job_id)
    second = flow.start(db)
    assert second.number == 2
    with db.transaction() as session, pytest.raises(Conflict, match="Another detector"):
        resuming.resume(session, first.job_id)
    flow.finish(db, second, JobState.FAILED)
    with db.transaction() as session:
        assert resuming.resume(session, first.job_id).is_open


def test_a_training_goes_on_from_the_newest_detector_of_its_network(
    db: Database, blobs: FolderBlobs
) -> None:
    add_boxes(db, blobs, 20)
    flow.add_detector(db)
    assert start_of(db) == "", "its network is smaller"
    second = flow.add_detector(db, config=DetectorConfig())
    third = flow.add_detector(db, config=DetectorConfig())
    assert start_of(db) == f"detector:{third.id}"
    assert start_of(db, DetectorWishes(begin=f"detector:{second.id}")) == f"detector:{second.id}"
    assert start_of(db, DetectorWishes(begin="scratch")) == ""


def test_a_training_goes_on_from_no_detector_of_another_network(
    db: Database, blobs: FolderBlobs
) -> None:
    add_boxes(db, blobs, 20)
    smaller = flow.add_detector(db)
    with pytest.raises(Refused, match=f"cannot go on from “detector:{smaller.id}”"):
        flow.start(db, DetectorWishes(begin=f"detector:{smaller.id}"))


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_first_training_goes_on_from_the_detector_that_comes_with_the_program(
    db: Database, blobs: FolderBlobs, shipped: Path
) -> None:
    add_boxes(db, blobs, 20)
    assert start_of(db) == "shipped"
    assert start_of(db, DetectorWishes(begin="scratch")) == ""
    shipped.unlink()
    assert start_of(db) == ""


def start_of(db: Database, wishes: DetectorWishes = AS_USUAL) -> str:
    round_ = flow.start(db, wishes)
    flow.finish(db, round_)
    return round_.start
