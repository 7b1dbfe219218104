"""Detectors that were trained elsewhere: opened, recognised, kept, compared, or refused."""

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.detectors import TrainedDetector
from app.domain.jobs import Job, JobState, Part
from app.errors import Conflict
from app.services import detector_figures, detectors, jobs
from app.services.detectors import DetectorChoice
from tests.conftest import Drain
from tests.service.detectors import flow
from tests.unit.detect.test_layouts import LAYOUTS, RED, exported, red_square
from worker.context import Context
from worker.detecting import opened

NAMES = {"yolox undecoded": "yolox"}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what is tried here is the worker


def add(db: Database, blobs: FolderBlobs, data: bytes, classes: tuple[int, ...] = ()) -> Job:
    digest = blobs.put(data)
    with db.transaction() as session:
        return detectors.add(session, digest, "外來.onnx", classes, None)


def all_trained(db: Database) -> list[TrainedDetector]:
    with db.reading() as session:
        return list(session.scalars(select(TrainedDetector).order_by(TrainedDetector.id)))


def job(db: Database, number: int) -> Job:
    with db.reading() as session:
        return jobs.get_job(session, number)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_recognised_and_serves(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain, layout: str
) -> None:
    number = add(db, blobs, exported(layout)).id
    drain(context)
    assert job(db, number).state is JobState.DONE, job(db, number).message
    (detector,) = all_trained(db)
    assert (detector.layout, detector.file_name) == (NAMES.get(layout, layout), "外來.onnx")
    assert job(db, number).result["detector"] == detector.id
    with db.reading() as session:
        choice = detectors.choice(session, f"detector:{detector.id}")
    (found, *_) = opened(context, choice).detect(red_square())
    assert found.box == RED


def test_only_the_classes_that_are_specimens_count(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain
) -> None:
    add(db, blobs, exported("v8"), classes=(1,))
    drain(context)
    (detector,) = all_trained(db)
    choice = DetectorChoice(f"detector:{detector.id}", detector.digest, (1,))
    assert opened(context, choice).detect(red_square()) == [], "what is red is of class 0"


@pytest.mark.parametrize(
    ("layout", "classes", "sentence"),
    [
        (None, (), "cannot be read as ONNX"),
        ("v8", (5,), "knows 2 classes, numbered from 0, so there is no class 5"),
    ],
)
def test_what_is_no_detector_is_refused_with_a_sentence(
    context: Context,
    db: Database,
    blobs: FolderBlobs,
    drain: Drain,
    layout: str | None,
    classes: tuple[int, ...],
    sentence: str,
) -> None:
    number = add(db, blobs, exported(layout) if layout else b"no network", classes).id
    drain(context)
    assert job(db, number).state is JobState.FAILED
    assert sentence in job(db, number).message
    assert all_trained(db) == []


def test_it_is_compared_on_what_those_trained_here_have_not_seen(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain
) -> None:
    flow.add_boxes(db, blobs, 20)
    flow.start(db)
    drain(context)
    add(db, blobs, exported("v5"))
    drain(context)
    trained, added = all_trained(db)
    rows = {row.name: row for row in detector_figures.rows(added)}
    assert set(rows) == {f"detector:{trained.id}", f"detector:{added.id}", "fallback"}
    assert {row.specimens for row in rows.values()} == {4}
    with db.reading() as session:
        lines = {line.name: line for line in detector_figures.listing(session, "fallback").lines}
        sheet = detector_figures.sheet(session, added)
    assert lines[f"detector:{added.id}"].row == rows[f"detector:{added.id}"]
    assert {picture.true for picture in sheet} == {flow.MOTH}


def test_the_same_file_is_one_detector(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain
) -> None:
    add(db, blobs, exported("v8"))
    add(db, blobs, exported("v8"))
    drain(context)
    with db.transaction() as session:
        session.get_one(Part, 1).state = JobState.QUEUED
    drain(context)
    (detector,) = all_trained(db)
    with pytest.raises(Conflict, match=f"here already, as detector {detector.id}"):
        add(db, blobs, exported("v8"))
    assert add(db, blobs, exported("v8"), classes=(0,)).is_open
