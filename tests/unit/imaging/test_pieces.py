"""Fills, outlines and frames: small steps between a crop, its mask and its photograph."""

import cv2
import numpy as np
import pytest

from ml.imaging.boxes import Box
from ml.imaging.contours import largest_contour
from ml.imaging.fills import BLACK, BLUE, cutout, fill_background
from ml.imaging.frame import Placement, into_photograph, out_of_photograph

PIXELS = np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8)
MASK = np.zeros((20, 30), np.uint8)
MASK[5:15, 8:21] = 255


@pytest.mark.parametrize("colour", [BLUE, BLACK, (1, 2, 3)])
def test_only_the_background_is_painted(colour: tuple[int, int, int]) -> None:
    before = PIXELS.copy()

    filled = fill_background(PIXELS, MASK, colour)

    np.testing.assert_array_equal(filled[MASK == 0], np.tile(colour, ((MASK == 0).sum(), 1)))
    np.testing.assert_array_equal(filled[MASK > 0], PIXELS[MASK > 0])
    np.testing.assert_array_equal(PIXELS, before)


def test_a_cutout_has_the_mask_as_alpha_and_hides_nothing() -> None:
    picture = cutout(PIXELS, MASK)

    np.testing.assert_array_equal(picture[..., 3], MASK)
    np.testing.assert_array_equal(picture[MASK > 0][:, :3], PIXELS[MASK > 0])
    assert not picture[MASK == 0].any()


def test_the_largest_piece_stays_without_its_holes() -> None:
    mask = np.zeros((60, 80), np.uint8)
    mask[10:40, 10:50] = 255
    filled = mask.copy()
    mask[15:20, 15:20] = 0
    mask[50:55, 60:70] = 255
    before = mask.copy()

    np.testing.assert_array_equal(largest_contour(mask), filled)
    np.testing.assert_array_equal(mask, before)


@pytest.mark.parametrize(
    "mask",
    [
        np.zeros((9, 9), np.uint8),
        np.full((9, 9), 255, np.uint8),
        np.eye(9, dtype=np.uint8) * 255,
        np.pad(np.full((1, 1), 255, np.uint8), 4),
    ],
    ids=["empty", "full to the frame", "diagonal line", "one pixel"],
)
def test_a_mask_of_one_piece_stays_as_it_is(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(largest_contour(mask), mask)


@pytest.mark.parametrize("seed", range(20))
def test_the_piece_is_connected_and_only_its_holes_are_added(seed: int) -> None:
    noise = np.random.default_rng(seed).random((50, 70), dtype=np.float32)
    mask = np.where(cv2.GaussianBlur(noise, (0, 0), 2) > 0.5, 255, 0).astype(np.uint8)

    piece = largest_contour(mask)

    _, pieces = cv2.connectedComponents(mask, connectivity=8)
    touched = np.unique(pieces[(piece > 0) & (mask > 0)])
    outline = max(touched, key=lambda number: int((pieces == number).sum()))
    _, beside = cv2.connectedComponents(
        np.pad((pieces != outline).astype(np.uint8), 1, constant_values=1), connectivity=4
    )
    np.testing.assert_array_equal(piece > 0, beside[1:-1, 1:-1] != beside[0, 0])


def test_into_the_photograph_and_out_again() -> None:
    box = Placement(Box(100, 40, 130, 60))

    whole = into_photograph(MASK, box, 200, 300)

    assert whole.shape == (200, 300)
    assert whole.sum() == MASK.sum()
    np.testing.assert_array_equal(out_of_photograph(whole, box), MASK)


def test_out_of_the_photograph_is_an_array_of_its_own() -> None:
    whole = into_photograph(MASK, Placement(Box(0, 0, 30, 20)), 20, 30)

    out_of_photograph(whole, Placement(Box(0, 0, 30, 20)))[:] = 0

    assert whole.any()


@pytest.mark.parametrize("box", [Box(0, 0, 20, 30), Box(280, 40, 310, 60)])
def test_a_mask_that_does_not_fit_is_an_error(box: Box) -> None:
    with pytest.raises(ValueError, match="Box"):
        into_photograph(MASK, Placement(box), 200, 300)
