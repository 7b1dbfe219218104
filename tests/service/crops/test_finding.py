"""What a source says of its photographs decides what becomes of them in the worker."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from sqlalchemy import select

from app.domain.jobs import PartKind
from app.domain.photographs import ImportedFile, Outcome, Photograph, PhotographKind
from app.domain.specimens import Crop, CropWarning, Specimen
from app.services import box_queue, cropping, photograph_imports, sources
from app.services.detectors import DetectorChoice
from app.services.folders import Incoming
from ml.detect.detector import Detection
from ml.detect.warnings import doubt_of
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.read import encode_png
from tests.conftest import Drain
from tests.service.importing.flow import later
from worker import cutting
from worker.context import Context
from worker.jobs import crop, take_in

HANDLERS = {PartKind.TAKE_IN: take_in.run, PartKind.CROP: crop.run, PartKind.PROPOSE: later}
HEIGHT, WIDTH = 60, 200
SQUARE, WIDE = Box(70, 10, 110, 50), Box(20, 20, 180, 40)


@dataclass(frozen=True)
class Finds:
    boxes: Sequence[Box]
    name: str = "fake"

    def detect(self, _pixels: Pixels) -> list[Detection]:
        return [Detection(box, 0.9 - 0.1 * place) for place, box in enumerate(self.boxes)]


def use(monkeypatch: pytest.MonkeyPatch, *boxes: Box) -> None:
    def opened(_context: Context, _choice: DetectorChoice) -> Finds:
        return Finds(boxes)

    monkeypatch.setattr(cutting, "opened", opened)


def bring(context: Context, drain: Drain, *names: str) -> None:
    """Import photographs of these names, each unlike all others."""
    files = []
    for name in names:
        rng = np.random.default_rng(list(name.encode()))
        pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        files.append(Incoming(name, (encode_png(pixels),)))
    photograph_imports.start(context.db, context.blobs, files, "OURS")
    drain(context, HANDLERS)


def specimens(context: Context) -> dict[str, Crop | None]:
    with context.db.reading() as session:
        found = session.scalars(select(Specimen).order_by(Specimen.id)).all()
        return {specimen.key: specimen.crop for specimen in found}


@pytest.mark.parametrize("drawers", [True, False])
def test_each_box_in_a_drawer_becomes_a_specimen(
    context: Context, drain: Drain, monkeypatch: pytest.MonkeyPatch, drawers: bool
) -> None:
    with context.db.transaction() as session:
        settings = {"drawers": drawers, "name_pattern": "(?P<taxon>[A-Z]+)-.*"}
        sources.add(session, "OURS", settings)
    use(monkeypatch, Box(10, 10, 50, 50), SQUARE, Box(130, 10, 170, 50))
    bring(context, drain, "GEO-drawer.png")
    found = specimens(context)
    keys = ["GEO-drawer", "GEO-drawer#2", "GEO-drawer#3"]
    assert list(found) == (keys if drawers else keys[:1])
    assert len({made.left for made in found.values() if made is not None}) == len(found)
    with context.db.reading() as session:
        assert set(session.scalars(select(Specimen.taxon))) == {"GEO"}


def test_photographs_of_labels_are_kept_beside_their_specimen(
    context: Context, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    with context.db.transaction() as session:
        sources.add(session, "OURS", {"label_pattern": r"\.PNG$"})
    use(monkeypatch, SQUARE)
    bring(context, drain, "moth.PNG", "moth.png", "other.png")
    assert list(specimens(context)) == ["moth", "other"]
    with context.db.reading() as session:
        kinds = dict(session.execute(select(Photograph.file_name, Photograph.kind)).all())
        outcomes = dict(session.execute(select(ImportedFile.name, ImportedFile.outcome)).all())
        (line,) = sources.lines(session)
    assert kinds["moth.PNG"] is PhotographKind.LABEL
    assert kinds["moth.png"] is PhotographKind.SPECIMEN
    assert outcomes == {
        "moth.PNG": Outcome.LABEL,
        "moth.png": Outcome.NEW,
        "other.png": Outcome.NEW,
    }
    assert (line.specimens, line.labels) == (2, 1)


def test_a_box_unlike_the_others_of_its_source_is_warned_about(
    context: Context, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, SQUARE)
    usual = [f"moth-{number}.png" for number in range(cropping.ENOUGH)]
    bring(context, drain, *usual)
    use(monkeypatch, WIDE)
    bring(context, drain, "wide.png")
    with context.db.reading() as session:
        warned = {
            specimen.key: specimen.box_warned
            for specimen in session.scalars(select(Specimen))
            if specimen.crop is not None and CropWarning.ASPECT in specimen.crop.warnings
        }
    assert warned == {"wide": True}


@pytest.mark.parametrize("warning", CropWarning)
def test_whatever_warns_of_a_box_brings_it_to_the_queue(warning: CropWarning) -> None:
    assert doubt_of(1.0, [warning]) >= box_queue.DOUBTFUL
