"""Colours are taken where the wings are, however the specimen lies."""

import cv2
import numpy as np
import pytest

from ml.imaging.arrays import Mask, Pixels
from ml.strata.config import StrataConfig
from ml.strata.grid import MISSING, brightness, cell_count, saturation, wing_colours

CONFIG = StrataConfig()
TEAL, OCHRE, GROUND = (20, 140, 140), (200, 140, 40), (230, 230, 225)


def two_wings(angle: float = 0.0, shift: tuple[int, int] = (0, 0)) -> tuple[Pixels, Mask]:
    """A specimen with a teal upper and an ochre lower half, turned by degrees and moved."""
    pixels = np.full((240, 320, 3), GROUND, np.uint8)
    mask = np.zeros((240, 320), np.uint8)
    cv2.ellipse(mask, (160, 120), (100, 60), 0, 0, 360, 255, cv2.FILLED)
    pixels[mask > 0] = OCHRE
    pixels[:120][mask[:120] > 0] = TEAL
    way = cv2.getRotationMatrix2D((160, 120), angle, 1.0)
    way[:, 2] += shift
    turned = cv2.warpAffine(pixels, way, (320, 240), borderValue=GROUND)
    moved = cv2.warpAffine(mask, way, (320, 240), flags=cv2.INTER_NEAREST)
    return np.asarray(turned, np.uint8), np.asarray(moved, np.uint8)


def flat(colour: tuple[int, int, int]) -> Pixels:
    return np.full((60, 80, 3), colour, np.uint8)


def test_the_body_is_left_out() -> None:
    colours = wing_colours(flat(TEAL), None, CONFIG)
    assert colours.shape == (cell_count(CONFIG), 3)
    assert cell_count(CONFIG) == 20 * 22


@pytest.mark.parametrize(("angle", "shift"), [(12.0, (0, 0)), (-30.0, (0, 0)), (8.0, (40, -25))])
def test_a_turned_and_moved_specimen_has_the_same_colours(
    angle: float, shift: tuple[int, int]
) -> None:
    straight = wing_colours(*two_wings(), CONFIG)
    turned = wing_colours(*two_wings(angle, shift), CONFIG)
    both = (straight[:, 2] != MISSING) & (turned[:, 2] != MISSING)
    apart = np.abs(straight[both].astype(int) - turned[both].astype(int)).max(axis=1)
    assert both.mean() > 0.7
    assert np.mean(apart < 12) > 0.9


def test_the_ground_is_missing_rather_than_a_colour() -> None:
    pixels, mask = two_wings()
    other = pixels.copy()
    other[mask == 0] = (10, 60, 250)
    strict = wing_colours(pixels, mask, StrataConfig(covered=1.0))
    assert (strict[:, 2] == MISSING).any()
    whole = wing_colours(other, mask, StrataConfig(covered=1.0))
    apart = np.abs(strict.astype(int) - whole)
    assert apart.max() <= 8  # at the very edge a pixel of the grid lies between two of the picture
    assert np.mean(apart > 0) < 0.02


def test_a_mask_of_another_size_fits() -> None:
    pixels, mask = two_wings(10.0)
    large = np.asarray(cv2.resize(mask, (960, 720), interpolation=cv2.INTER_NEAREST), np.uint8)
    one, other = wing_colours(pixels, mask, CONFIG), wing_colours(pixels, large, CONFIG)
    assert np.mean(np.abs(one.astype(int) - other.astype(int)) <= 2) > 0.97


def test_an_empty_mask_counts_as_none() -> None:
    pixels, mask = two_wings()
    np.testing.assert_array_equal(
        wing_colours(pixels, np.zeros_like(mask), CONFIG), wing_colours(pixels, None, CONFIG)
    )


def test_hues_on_both_sides_of_red_lie_beside_each_other() -> None:
    purple_red, orange_red = flat((220, 40, 50)), flat((220, 50, 40))
    one, other = (
        wing_colours(each, None, CONFIG)[0].astype(int) for each in (purple_red, orange_red)
    )
    assert np.abs(one - other).max() <= 12


def test_the_mean_of_two_reds_is_red() -> None:
    striped = flat((220, 40, 50))
    striped[:, ::2] = (220, 50, 40)
    east, north, _ = wing_colours(striped, None, CONFIG)[0].astype(float) / 127 - 1
    assert np.degrees(np.arctan2(north, east)) == pytest.approx(0, abs=3)
    assert np.hypot(east, north) > 0.75


def test_the_hue_of_grey_does_not_count() -> None:
    reddish, bluish = flat((121, 120, 120)), flat((120, 120, 121))
    one, other = (wing_colours(each, None, CONFIG)[0].astype(int) for each in (reddish, bluish))
    assert np.abs(one - other).max() <= 2


def test_saturation_and_brightness_are_the_cells_own() -> None:
    colours = wing_colours(flat((200, 100, 100)), None, CONFIG)
    np.testing.assert_allclose(saturation(colours), 0.5, atol=0.01)
    np.testing.assert_allclose(brightness(colours), 200 / 255, atol=0.01)
    colours[:] = MISSING
    assert np.isnan(saturation(colours)).all()
    assert np.isnan(brightness(colours))
