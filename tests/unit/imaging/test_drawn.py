"""Drawn specimens are what tests, the first run and detectors rely on: their masks must be true."""

import cv2
import numpy as np
import pytest

from ml.imaging.boxes import Box
from ml.imaging.drawn import WINGS, DrawnSpecimen, draw_specimen

SMALL = {"width": 450, "height": 320}


@pytest.fixture(scope="module")
def specimens() -> list[DrawnSpecimen]:
    return [draw_specimen(seed, **SMALL) for seed in range(64)]


def tray_near(drawn: DrawnSpecimen) -> np.ndarray:
    """Colours of the tray a little outside the mask, beyond fringe and contact shadow."""
    ring = (cv2.dilate(drawn.mask, np.ones((31, 31))) > 0) & (
        cv2.dilate(drawn.mask, np.ones((11, 11))) == 0
    )
    return np.asarray(drawn.pixels[ring], np.float64)


def test_the_same_seed_draws_the_same_pixels() -> None:
    first, second = draw_specimen(5), draw_specimen(5)
    assert first.pixels.shape == (640, 900, 3)
    assert np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(first.mask, second.mask)
    assert (first.name, first.wing, first.beside) == (second.name, second.wing, second.beside)


def test_seeds_differ_in_name_and_pixels(specimens: list[DrawnSpecimen]) -> None:
    assert len({drawn.name for drawn in specimens}) == 64
    assert len({drawn.pixels.tobytes() for drawn in specimens}) == 64
    assert len({drawn.mask.tobytes() for drawn in specimens}) == 64


def test_masks_are_one_connected_part_of_a_plausible_size(specimens: list[DrawnSpecimen]) -> None:
    for drawn in specimens:
        assert set(np.unique(drawn.mask)) == {0, 255}
        assert cv2.connectedComponents(drawn.mask)[0] == 2, drawn.name
        assert 0.04 <= (drawn.mask > 0).mean() <= 0.6, drawn.name


def test_masks_stay_clear_of_the_frame_and_boxes_are_tight(specimens: list[DrawnSpecimen]) -> None:
    for drawn in specimens:
        inner = drawn.mask[2:-2, 2:-2]
        assert np.count_nonzero(inner) == np.count_nonzero(drawn.mask), drawn.name
        assert drawn.box == Box.around(drawn.mask)


def test_every_kind_of_wing_occurs_and_the_hard_ones_are_a_minority(
    specimens: list[DrawnSpecimen],
) -> None:
    kinds = [drawn.wing for drawn in specimens]
    assert set(kinds) == set(WINGS)
    hard = sum(kind in {"pale", "white", "transparent"} for kind in kinds)
    assert 0.12 <= hard / len(kinds) <= 0.4


def test_things_beside_the_specimen_lie_outside_its_mask(specimens: list[DrawnSpecimen]) -> None:
    assert 0 < sum(not drawn.beside for drawn in specimens) < 32
    for drawn in specimens:
        for box in drawn.beside:
            assert not box.cut(drawn.mask).any(), drawn.name


@pytest.mark.parametrize(
    ("wing", "least", "most"), [("transparent", 0.35, 1.0), ("dark", 0.0, 0.2)]
)
def test_the_tray_shows_through_transparent_wings_only(
    specimens: list[DrawnSpecimen], wing: str, least: float, most: float
) -> None:
    for drawn in specimens:
        if drawn.wing == wing:
            tray = np.median(tray_near(drawn), axis=0)
            gap = np.abs(drawn.pixels[drawn.mask > 0] - tray).mean(axis=1)
            assert least <= (gap < 30).mean() <= most, drawn.name


def test_the_same_seed_is_the_same_moth_at_any_size() -> None:
    small, large = draw_specimen(3, **SMALL), draw_specimen(3, width=1350, height=960)
    reduced = cv2.resize(large.mask, (450, 320), interpolation=cv2.INTER_AREA) > 127
    both = np.count_nonzero(reduced & (small.mask > 0))
    assert both / np.count_nonzero(reduced | (small.mask > 0)) > 0.96
    assert (small.name, small.wing) == (large.name, large.wing)


@pytest.mark.parametrize(("width", "height"), [(160, 120), (480, 700), (1400, 500)])
def test_masks_are_whole_at_every_shape_of_photograph(width: int, height: int) -> None:
    for seed in range(8):
        drawn = draw_specimen(seed, width=width, height=height)
        assert drawn.pixels.shape == (height, width, 3)
        assert cv2.connectedComponents(drawn.mask)[0] == 2
        assert drawn.box.grown(0.01, 0.01, 0.01).clamped(width, height).area > drawn.box.area
