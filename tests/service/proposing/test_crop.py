"""From a new photograph to its first crop."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from sqlalchemy import select

from app.domain.jobs import Job, JobState, Part, PartKind
from app.domain.photographs import Source
from app.domain.specimens import Crop, Specimen, SpecimenState
from app.services import jobs, photograph_imports, resuming
from app.services.detectors import DetectorChoice
from app.services.folders import Incoming
from ml.detect.detector import Detection
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.drawn import draw_specimen
from ml.imaging.png import read_png
from ml.imaging.read import encode_png
from tests.conftest import Drain
from tests.service.importing.flow import later
from worker import cutting
from worker.context import Context
from worker.jobs import crop, take_in

HANDLERS = {PartKind.TAKE_IN: take_in.run, PartKind.CROP: crop.run, PartKind.PROPOSE: later}
HEIGHT, WIDTH = 300, 1900
PIXELS = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


@dataclass(frozen=True)
class FakeDetector:
    """Finds what it is told to find."""

    box: Box | None
    name: str = "fake"

    def detect(self, pixels: Pixels) -> list[Detection]:
        whole = pixels.shape[:2] == (HEIGHT, WIDTH)
        return [Detection(self.box, 0.7)] if self.box is not None and whole else []


def imported(context: Context, drain: Drain, data: bytes) -> int:
    files = [Incoming("moth.png", (data,))]
    job_id = photograph_imports.start(context.db, context.blobs, files, "SJRS")
    drain(context, HANDLERS)
    return job_id


def use(monkeypatch: pytest.MonkeyPatch, box: Box | None) -> None:
    monkeypatch.setattr(cutting, "opened", lambda _context, _choice: FakeDetector(box))


def test_a_crop_that_is_found_after_the_cancellation_is_not_stored(
    context: Context, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancel_meanwhile(_context: Context, _choice: DetectorChoice) -> FakeDetector:
        with context.db.transaction() as session:
            jobs.cancel(session, session.scalars(select(Job.id)).one())
        return FakeDetector(Box(100, 50, 300, 150))

    monkeypatch.setattr(cutting, "opened", cancel_meanwhile)
    job_id = imported(context, drain, encode_png(PIXELS))
    specimen, cut = only_specimen(context)
    assert (specimen.state, cut) == (SpecimenState.IMPORTED, None)
    with context.db.transaction() as session:
        resuming.resume(session, job_id)
    use(monkeypatch, Box(100, 50, 300, 150))
    drain(context, HANDLERS)
    assert only_specimen(context)[0].state == SpecimenState.CROPPED


def test_a_detector_that_is_not_there_is_named(context: Context, drain: Drain) -> None:
    elsewhere = context.settings.model_copy(update={"detector": "moths.onnx"})
    job_id = imported(replace(context, settings=elsewhere), drain, encode_png(PIXELS))
    with context.db.reading() as session:
        assert "no detector moths.onnx" in jobs.get_job(session, job_id).message


def only_specimen(context: Context) -> tuple[Specimen, Crop | None]:
    with context.db.reading() as session:
        specimen = session.scalars(select(Specimen)).one()
        return specimen, specimen.crop


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Box(100, 50, 300, 150), Box(90, 45, 310, 155)),
        (Box(0, 0, 200, 100), Box(0, 0, 210, 105)),
        (Box(100, 100, 1800, 200), Box(15, 95, 1885, 205)),
    ],
)
def test_the_box_grows_is_clamped_and_cut(
    context: Context, drain: Drain, monkeypatch: pytest.MonkeyPatch, found: Box, expected: Box
) -> None:
    use(monkeypatch, found)
    imported(context, drain, encode_png(PIXELS))
    specimen, cut = only_specimen(context)
    assert cut is not None
    assert (specimen.state, specimen.searched) == (SpecimenState.CROPPED, True)
    assert (cut.box, cut.number, cut.origin, cut.confidence) == (expected, 1, "fake", 0.7)
    assert cut.found_box == [found.left, found.top, found.right, found.bottom]
    assert np.array_equal(read_png(context.blobs.read(cut.digest)), expected.cut(PIXELS))
    preview = read_png(context.blobs.read(cut.preview_digest))
    assert max(preview.shape) == min(1600, max(expected.width, expected.height))


def test_the_source_says_how_much_the_box_grows(
    context: Context, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, Box(1000, 100, 1200, 200))
    with context.db.transaction() as session:
        source = Source(
            code="SJRS", scale_w=0.2, scale_ht=0.0, scale_hb=0.4, created_at=context.db.clock()
        )
        session.add(source)
    imported(context, drain, encode_png(PIXELS))
    _, cut = only_specimen(context)
    assert cut is not None
    assert cut.box == Box(980, 100, 1220, 220)


def test_a_specimen_that_is_not_found_waits_for_a_person(
    context: Context, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, None)
    job_id = imported(context, drain, encode_png(PIXELS))
    specimen, cut = only_specimen(context)
    assert (specimen.state, cut) == (SpecimenState.UNCROPPED, None)
    with context.db.reading() as session:
        assert session.get_one(Job, job_id).state is JobState.DONE


def test_cropping_twice_makes_one_crop(
    context: Context, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, Box(100, 50, 300, 150))
    imported(context, drain, encode_png(PIXELS))
    with context.db.transaction() as session:
        part = session.scalars(select(Part).where(Part.kind == PartKind.CROP)).one()
        part.state = JobState.QUEUED
    assert drain(context, HANDLERS) == 1
    with context.db.reading() as session:
        assert len(session.scalars(select(Crop)).all()) == 1
        assert len(session.scalars(select(Part).where(Part.kind == PartKind.PROPOSE)).all()) == 1


def test_a_detector_that_is_none_fails_the_part_with_a_sentence(
    context: Context, drain: Drain
) -> None:
    file = context.settings.data / "no-network.onnx"
    file.write_bytes(b"this is no network")
    settings = context.settings.model_copy(update={"detector": str(file)})
    job_id = imported(Context(settings, context.db, context.blobs), drain, encode_png(PIXELS))
    with context.db.reading() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, "ONNX" in job.message) == (JobState.FAILED, True)
    assert only_specimen(context)[0].state is SpecimenState.IMPORTED


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_fallback_finds_a_drawn_specimen(context: Context, drain: Drain) -> None:
    drawn = draw_specimen(4)
    imported(context, drain, encode_png(drawn.pixels))
    specimen, cut = only_specimen(context)
    assert cut is not None
    assert specimen.state is SpecimenState.CROPPED
    assert Box(*(cut.found_box or [])).iou(drawn.box) > 0.9


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (40, 40)])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_odd_photographs_are_no_trouble(
    context: Context, drain: Drain, shape: tuple[int, int]
) -> None:
    job_id = imported(context, drain, encode_png(np.full((*shape, 3), 200, np.uint8)))
    with context.db.reading() as session:
        assert session.get_one(Job, job_id).state is JobState.DONE
