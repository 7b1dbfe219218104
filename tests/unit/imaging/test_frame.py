"""Crops that are turned: their pixels, and masks carried to the photograph and back."""

import cv2
import numpy as np
import pytest

from ml.imaging.boxes import Box
from ml.imaging.frame import (
    Placement,
    carried,
    cut,
    into_photograph,
    on_ground,
    out_of_photograph,
    outside,
)

HEIGHT, WIDTH = 300, 400
BOX = Box(120, 80, 280, 200)


def ellipse(height: int, width: int, across: float = 0.8) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    axes = int(width * across / 2), int(height * across / 2)
    cv2.ellipse(mask, (width // 2, height // 2), axes, 0, 0, 360, 255, cv2.FILLED)
    return mask


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


def gradient() -> np.ndarray:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return np.dstack((columns // 2, rows // 2, np.zeros_like(rows))).astype(np.uint8)


def test_a_straight_crop_is_a_slice() -> None:
    pixels = gradient()

    assert np.shares_memory(cut(pixels, Placement(BOX)), pixels)
    np.testing.assert_array_equal(cut(pixels, Placement(BOX)), BOX.cut(pixels))


def test_a_crop_turned_by_a_right_angle_is_the_picture_turned_the_other_way() -> None:
    square = Box(100, 60, 220, 180)

    turned = cut(gradient(), Placement(square, 90.0))

    np.testing.assert_array_equal(turned, np.rot90(square.cut(gradient())))


def test_clockwise_means_that_the_top_left_corner_goes_right() -> None:
    corner = Placement(Box(0, 0, 100, 100), 30.0).corners[0]

    assert corner[0] > 0 > corner[1]


@pytest.mark.parametrize("angle", [0.0, 3.0, -17.5, 45.0, 90.0, 179.9])
def test_a_mask_goes_to_the_photograph_and_comes_back(angle: float) -> None:
    mask, placement = ellipse(BOX.height, BOX.width), Placement(BOX, angle)

    whole = into_photograph(mask, placement, HEIGHT, WIDTH)

    assert whole.shape == (HEIGHT, WIDTH)
    assert set(np.unique(whole)) == {0, 255}
    assert np.count_nonzero(whole) == pytest.approx(np.count_nonzero(mask), rel=0.01)
    assert agreement(out_of_photograph(whole, placement), mask) > 0.99


@pytest.mark.parametrize("angle", [3.0, -17.5, 45.0])
def test_what_the_mask_covers_on_the_photograph_is_what_it_covers_on_the_crop(angle: float) -> None:
    placement = Placement(BOX, angle)
    truth = into_photograph(ellipse(BOX.height, BOX.width, 0.6), Placement(BOX), HEIGHT, WIDTH)
    pixels = np.dstack((truth, truth, truth))

    seen = np.where(cut(pixels, placement)[..., 0] > 127, 255, 0).astype(np.uint8)

    assert agreement(seen, out_of_photograph(truth, placement)) > 0.99


def test_masks_of_crops_turned_alike_are_carried_without_resampling() -> None:
    noise = np.random.default_rng(3).integers(0, 2, (120, 160), dtype=np.uint8) * np.uint8(255)
    placement = Placement(BOX, 20.0)

    np.testing.assert_array_equal(carried(noise, placement, placement), noise)


def test_a_turned_crop_may_leave_the_photograph() -> None:
    placement = Placement(Box(0, 0, 160, 120), 30.0)
    mask = np.full((120, 160), 255, np.uint8)

    assert cut(gradient(), placement).shape == (120, 160, 3)
    whole = into_photograph(mask, placement, HEIGHT, WIDTH)
    assert 0 < np.count_nonzero(whole) < mask.size


def test_a_turned_crop_beside_the_photograph_holds_nothing() -> None:
    placement = Placement(Box(1000, 1000, 1100, 1100), 30.0)

    with pytest.raises(ValueError, match="outside"):
        cut(gradient(), placement)
    assert not out_of_photograph(ellipse(HEIGHT, WIDTH), placement).any()


def test_what_another_crop_would_leave_out_is_counted() -> None:
    mask = np.full((BOX.height, BOX.width), 255, np.uint8)

    assert outside(mask, Placement(BOX), Placement(BOX)) == 0
    narrower = Placement(Box(BOX.left + 10, BOX.top, BOX.right, BOX.bottom))
    assert outside(mask, Placement(BOX), narrower) == 10 * BOX.height
    assert outside(mask, Placement(BOX), Placement(Box(0, 0, 10, 10))) == mask.size
    turned = outside(mask, Placement(BOX), Placement(BOX, 45.0))
    assert 0 < turned < mask.size


def test_the_bounds_of_a_turned_crop_hold_its_corners() -> None:
    placement = Placement(BOX, 33.0)
    bounds = placement.bounds

    for x, y in placement.corners:
        assert bounds.left <= x <= bounds.right
        assert bounds.top <= y <= bounds.bottom


def test_a_turned_crop_lies_on_the_ground_where_it_lies_on_the_photograph() -> None:
    placement, pixels = Placement(BOX, 25.0), gradient()
    ground = placement.bounds

    laid = on_ground(cut(pixels, placement), placement, ground, 96)

    middle = BOX.top + 60 - ground.top, BOX.left + 80 - ground.left
    wanted = pixels[BOX.top + 60, BOX.left + 80]
    np.testing.assert_allclose(laid[middle].astype(int), wanted.astype(int), atol=2)
    assert tuple(laid[0, 0]) == (96, 96, 96)
