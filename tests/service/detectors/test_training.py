"""Trainings as a worker does them, with networks that learn nothing in a moment."""

import numpy as np
import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.detectors import DetectorRound
from app.domain.jobs import JobState, Part, PartKind
from app.domain.people import Person
from app.domain.photographs import Photograph
from app.domain.specimens import Crop, Specimen
from app.services import detector_figures, detectors, jobs
from app.services.detectors import DetectorChoice
from ml.imaging.arrays import SPECIMEN
from ml.imaging.masks import encode_mask
from ml.progress import OnProgress, Progress
from tests import factories
from tests.conftest import Drain
from tests.service.detectors import flow
from tests.service.detectors.flow import add_boxes
from worker import comparing_detectors
from worker.context import Context
from worker.detecting import opened
from worker.jobs import train_detector
from worker.progress import Cancelled, Reporter

HANDLERS = {PartKind.TRAIN_DETECTOR: train_detector.run}


class Killed(BaseException):
    """The worker is gone in the middle of its work."""


def test_a_training_leaves_a_detector_and_its_figures(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain
) -> None:
    add_boxes(db, blobs, 20)
    round_ = flow.start(db)
    drain(context, HANDLERS)
    assert flow.job_of(db, round_).state is JobState.DONE, flow.job_of(db, round_).message
    assert [point.step for point in flow.points(db, round_)] == [2, 4]
    detector = flow.trained(db, round_)
    own = f"detector:{detector.id}"
    names = {row.name for row in detector_figures.rows(detector)}
    assert {own, "fallback"} <= names
    assert "setting" not in names, "it stands for the fallback here"
    assert {row.specimens for row in detector_figures.rows(detector)} == {4}
    with db.reading() as session:
        sheet = detector_figures.sheet(session, detector)
    assert len(sheet) == 4
    assert [picture.iou for picture in sheet] == sorted(picture.iou for picture in sheet)
    assert {picture.true for picture in sheet} == {flow.MOTH}


def test_boxes_that_a_detector_proposed_are_measured_on_only_for_want_of_others(
    context: Context,
    db: Database,
    blobs: FolderBlobs,
    drain: Drain,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_boxes(db, blobs, 20)
    first = flow.start(db)
    drain(context, HANDLERS)
    assert compared(db, first) == (4, 4), "all were found and called right"
    _, measured = flow.sides(db, first)
    drawn, masked = sorted(measured)[:2]
    with db.transaction() as session:
        crops = [session.get_one(Specimen, number).crop_id or 0 for number in (drawn, masked)]
        session.get_one(Crop, crops[0]).found_box = None
        version = factories.make_version(session, blobs, session.get_one(Specimen, masked), person)
        mask = np.full(session.get_one(Crop, crops[1]).shape, SPECIMEN, np.uint8)
        version.digest = blobs.put(encode_mask(mask))
    monkeypatch.setattr(comparing_detectors, "LEAST_FAIR", 3)
    second = flow.start(db)
    drain(context, HANDLERS)
    assert compared(db, second) == (4, 2)
    monkeypatch.setattr(comparing_detectors, "LEAST_FAIR", 2)
    third = flow.start(db)
    drain(context, HANDLERS)
    assert compared(db, third) == (2, 0)


def compared(db: Database, round_: DetectorRound) -> tuple[int, int]:
    """On how many photographs, and how many of their boxes a detector had proposed."""
    detector = flow.trained(db, round_)
    found = detector_figures.comparison(detector)
    return found.photographs, found.confirmed


def test_figures_have_intervals_and_are_compared_specimen_by_specimen(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain
) -> None:
    add_boxes(db, blobs, 20)
    round_ = flow.start(db)
    drain(context, HANDLERS)
    detector = flow.trained(db, round_)
    rows = {row.name: row for row in detector_figures.rows(detector)}
    own, fallback = rows[f"detector:{detector.id}"], rows["fallback"]
    assert own.behind is None
    assert fallback.behind is not None
    difference = own.measured.mean_iou.mean - fallback.measured.mean_iou.mean
    assert fallback.behind.mean_iou.mean == pytest.approx(difference)
    for row in rows.values():
        iou = row.measured.mean_iou
        assert 0 <= iou.low <= iou.mean <= iou.high <= 1


def test_what_was_trained_can_be_opened_and_finds_nothing_absurd(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain, person: Person
) -> None:
    add_boxes(db, blobs, 20)
    round_ = flow.start(db)
    drain(context, HANDLERS)
    detector = flow.trained(db, round_)
    with db.transaction() as session:
        detectors.promote(session, f"detector:{detector.id}", person.id)
        choice = detectors.chosen(session, factories.make_source(session))
    assert choice == DetectorChoice(f"detector:{detector.id}", detector.digest, trained_here=True)
    assert isinstance(opened(context, choice).detect(factories.moth_pixels(1)), list)


@pytest.mark.parametrize(("angle", "expected"), [(0.0, (12, 11, 22, 31)), (90.0, (25, 4, 45, 14))])
def test_the_box_of_a_mask_is_in_pixels_of_the_photograph(
    context: Context,
    db: Database,
    blobs: FolderBlobs,
    drain: Drain,
    person: Person,
    angle: float,
    expected: tuple[int, ...],
) -> None:
    first, second, *_ = add_boxes(db, blobs, 20)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, first)
        assert specimen.crop_id is not None
        crop = session.get_one(Crop, specimen.crop_id)
        crop.angle = angle
        mask = np.zeros(crop.shape, np.uint8)
        mask[5:25, 5:15] = SPECIMEN
        version = factories.make_version(session, blobs, specimen, person)
        version.digest = blobs.put(encode_mask(mask))
    round_ = flow.start(db)
    drain(context, HANDLERS)
    boxes = flow.frozen(db, round_)
    assert tuple(flow.edges(boxes[first])) == expected
    assert flow.edges(boxes[second]) == [10, 8, 54, 40]


def lose(db: Database, specimen_id: int, name: str) -> None:
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        photograph = session.get_one(Photograph, specimen.photograph_id)
        photograph.file_name, photograph.digest = name, f"{specimen_id:064}"


def test_what_cannot_be_read_is_left_out_and_named(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain, person: Person
) -> None:
    made = add_boxes(db, blobs, 20)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, made[0])
        factories.make_version(session, blobs, specimen, person).digest = "2" * 64
        with_mask = session.get_one(Photograph, specimen.photograph_id).file_name
    round_ = flow.start(db)
    learned, measured = flow.sides(db, round_)
    learned.discard(made[0])
    measured.discard(made[0])
    lose(db, learned.pop(), "蛾.jpg")
    lose(db, measured.pop(), "moth.jpg")
    drain(context, HANDLERS)
    assert flow.job_of(db, round_).state is JobState.DONE, flow.job_of(db, round_).message
    detector = flow.trained(db, round_)
    found = detector_figures.comparison(detector)
    assert {each.name for each in found.left_out} == {"蛾.jpg", "moth.jpg", with_mask}
    assert all("missing" in each.reason for each in found.left_out)
    assert found.photographs == len(measured)


def test_with_too_few_readable_photographs_it_fails_with_a_sentence(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain
) -> None:
    for number, specimen_id in enumerate(add_boxes(db, blobs, 20)):
        lose(db, specimen_id, f"{number}.jpg")
    round_ = flow.start(db)
    drain(context, HANDLERS)
    job = flow.job_of(db, round_)
    assert job.state is JobState.FAILED
    assert "at least 4 photographs with boxes that can be read" in job.message


def test_a_detector_that_cannot_be_opened_is_named_in_the_comparison(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain
) -> None:
    gone = flow.add_detector(db)
    add_boxes(db, blobs, 20)
    round_ = flow.start(db)
    drain(context, HANDLERS)
    detector = flow.trained(db, round_)
    (absent,) = detector_figures.comparison(detector).absent
    assert absent.name == f"detector:{gone.id}"
    assert "missing" in absent.reason
    with db.reading() as session:
        lines = {line.name: line for line in detector_figures.listing(session, "fallback").lines}
    assert lines[absent.name].absent == absent.reason


def test_a_killed_training_goes_on_from_its_checkpoint(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain
) -> None:
    add_boxes(db, blobs, 20)
    whole = flow.start(db)
    drain(context, HANDLERS)
    killed = flow.start(db)
    with db.transaction() as session:
        session.merge(killed).start = ""
    part = flow.claim(db, killed)
    with pytest.raises(Killed):
        train_detector.run(context, part, _killed_after(step=2))
    checkpoint = flow.round_of(db, killed).checkpoint_digest
    assert checkpoint is not None
    with db.transaction() as session:
        jobs.hand_back(session, part)
    seen: list[int] = []
    train_detector.run(context, flow.claim(db, killed), _steps(seen))
    assert min(seen) == 3, "what was trained before is not trained again"
    assert flow.weights_of(db, killed) == flow.weights_of(db, whole)
    assert [point.step for point in flow.points(db, killed)] == [2, 4]
    assert flow.round_of(db, killed).checkpoint_digest is None
    assert not blobs.path(checkpoint).exists()


def test_a_detector_that_was_stored_is_not_trained_again(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain
) -> None:
    add_boxes(db, blobs, 20)
    round_ = flow.start(db)
    drain(context, HANDLERS)
    with db.transaction() as session:
        part = session.get_one(Part, 1)
        part.state = JobState.QUEUED
    train_detector.run(context, flow.claim(db, round_), _refuse_to_work)


def test_a_cancelled_training_stores_nothing_more(
    context: Context, db: Database, blobs: FolderBlobs
) -> None:
    add_boxes(db, blobs, 20)
    round_ = flow.start(db)
    part = flow.claim(db, round_)

    def cancel_at_first_step(progress: Progress) -> None:
        if progress.stage == "train" and progress.done == 1:
            with db.transaction() as session:
                jobs.cancel(session, round_.job_id)
        Reporter(db, part, every_seconds=0)(progress)

    with pytest.raises(Cancelled):
        train_detector.run(context, part, cancel_at_first_step)
    assert flow.detector_of(db, round_) is None
    assert flow.points(db, round_) == []


def _killed_after(step: int) -> OnProgress:
    def kill(progress: Progress) -> None:
        if progress.stage == "train" and progress.done > step:
            raise Killed

    return kill


def _steps(seen: list[int]) -> OnProgress:
    def note(progress: Progress) -> None:
        if progress.stage == "train":
            seen.append(progress.done)

    return note


def _refuse_to_work(progress: Progress) -> None:
    raise AssertionError(progress)
