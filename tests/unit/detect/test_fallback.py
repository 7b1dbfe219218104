"""The classical detector on drawn photographs."""

import numpy as np
import pytest

from ml.detect.detector import Detection
from ml.detect.fallback import LEAST_CONFIDENCE, FallbackDetector
from ml.imaging.arrays import Pixels
from ml.imaging.drawn import DrawnSpecimen, draw_specimen
from ml.imaging.drawn.sources import SOURCES, Layout, Source
from ml.imaging.drawn.things import lay_out
from ml.imaging.drawn.tray import empty_tray, light, shot

Found = list[tuple[DrawnSpecimen, Detection]]


@pytest.fixture(scope="module")
def found() -> Found:
    """Drawn specimens, each with the one thing that was found on it."""
    pairs = []
    for seed in range(12):
        drawn = draw_specimen(seed)
        (detection,) = FallbackDetector().detect(drawn.pixels)
        pairs.append((drawn, detection))
    return pairs


def test_the_box_holds_the_specimen_and_little_else(found: Found) -> None:
    ious = [here.box.iou(drawn.box) for drawn, here in found]
    assert np.mean(ious) > 0.95
    assert min(ious) > 0.85


def test_what_lies_beside_the_specimen_is_left_out(found: Found) -> None:
    overlaps = [here.box.iou(thing) for drawn, here in found for thing in drawn.beside]
    assert len(overlaps) > 15
    assert max(overlaps) < 0.02


def test_the_confidence_of_a_plain_case_is_high(found: Found) -> None:
    assert all(LEAST_CONFIDENCE <= here.confidence <= 1 for _, here in found)
    assert np.median([here.confidence for _, here in found]) > 0.9


def photograph_of_a_tray(source: Source, layout: Layout, seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    photo = empty_tray(source.trays[seed % len(source.trays)], (400, 560), rng)
    lay_out(photo, layout, 40.0, rng)
    light(photo, rng)
    return shot(photo, rng)


@pytest.mark.parametrize(
    ("source", "layout"),
    [
        *((source, Layout((0, 0, 1, 1))) for source in SOURCES),
        *((source, layout) for source in SOURCES for layout in source.layouts),
    ],
    ids=lambda value: value.code if isinstance(value, Source) else "",
)
def test_a_tray_without_specimen_holds_nothing(source: Source, layout: Layout) -> None:
    for seed in range(2):
        assert FallbackDetector().detect(photograph_of_a_tray(source, layout, seed)) == []


def test_a_large_photograph_gives_the_box_in_its_own_pixels() -> None:
    specimen = draw_specimen(4, width=1350, height=960)
    (detection,) = FallbackDetector().detect(specimen.pixels)
    assert detection.box.iou(specimen.box) > 0.9


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2), (40, 1)])
def test_tiny_pictures_hold_nothing(shape: tuple[int, int]) -> None:
    assert FallbackDetector().detect(np.full((*shape, 3), 128, np.uint8)) == []


def test_grain_alone_holds_nothing() -> None:
    grain = np.random.default_rng(5).normal(150, 12, (300, 400, 3)).astype(np.uint8)
    assert FallbackDetector().detect(grain) == []
