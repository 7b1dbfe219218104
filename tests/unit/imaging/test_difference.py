"""What changed between two masks, masks carried between crops, and maps as pictures."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.imaging.blocks import block_colours
from ml.imaging.boxes import Box
from ml.imaging.difference import ADDED, REMOVED, Difference, difference, difference_picture
from ml.imaging.frame import Placement, carried, into_photograph, out_of_photograph
from ml.metrics.overlap import dice

OLD = np.zeros((40, 60), np.uint8)
OLD[10:30, 10:40] = 255
NEW = np.zeros((40, 60), np.uint8)
NEW[10:30, 20:45] = 255
PIXELS = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)

edges = st.tuples(st.integers(0, 49), st.integers(0, 49), st.integers(1, 50), st.integers(1, 50))
boxes = edges.map(lambda e: Box(e[0], e[1], min(e[0] + e[2], 50), min(e[1] + e[3], 50)))


def test_pixels_are_counted_and_dice_is_the_one_of_the_metrics() -> None:
    changes = difference(OLD, NEW)

    assert (changes.added, changes.removed, changes.kept) == (100, 200, 400)
    assert changes.dice == pytest.approx(dice(OLD, NEW))


def test_nothing_and_nothing_agree() -> None:
    assert difference(OLD * 0, OLD * 0) == Difference(0, 0, 0)
    assert Difference(0, 0, 0).dice == 1


def test_masks_of_two_sizes_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        difference(OLD, NEW[:20])


def test_added_is_green_removed_red_and_the_rest_grey() -> None:
    picture = difference_picture(PIXELS, OLD, NEW)

    assert (picture[(NEW > 0) & (OLD == 0)] == ADDED).all()
    assert (picture[(OLD > 0) & (NEW == 0)] == REMOVED).all()
    same = OLD == NEW
    assert not np.ptp(picture[same], axis=1).any()
    grey = cv2.cvtColor(PIXELS, cv2.COLOR_RGB2GRAY)
    kept = same & (OLD > 0)
    np.testing.assert_array_equal(picture[kept][:, 0], grey[kept])
    assert picture[same & (OLD == 0)].mean() < 0.6 * grey[same & (OLD == 0)].mean()


def test_a_thin_difference_survives_scaling() -> None:
    old = np.zeros((400, 600), np.uint8)
    new = old.copy()
    new[200, 100:500] = 255

    picture = difference_picture(PIXELS, old, new)

    assert (picture == ADDED).all(axis=2).sum() == 40


@given(boxes, boxes)
def test_carrying_goes_through_the_photograph(box: Box, target: Box) -> None:
    seed = np.random.default_rng(7).integers(0, 2, (box.height, box.width), dtype=np.uint8)
    mask = seed * np.uint8(255)

    here, there = Placement(box), Placement(target)
    whole = into_photograph(mask, here, 50, 50)

    np.testing.assert_array_equal(carried(mask, here, there), out_of_photograph(whole, there))


@given(boxes, boxes)
def test_the_hull_holds_both_and_the_shared_part_lies_in_both(one: Box, other: Box) -> None:
    hull, shared = one.hull(other), one.shared(other)

    assert hull.shared(one) == one
    assert hull.shared(other) == other
    assert shared.area == 0 or (one.shared(shared), other.shared(shared)) == (shared, shared)


def test_a_mask_of_another_box_cannot_be_carried() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        carried(OLD, Placement(Box(0, 0, 5, 5)), Placement(Box(0, 0, 60, 40)))


def test_every_block_has_a_colour_of_its_own_and_none_has_a_meaning() -> None:
    labels = np.arange(400, dtype=np.int32).reshape(20, 20)

    colours = block_colours(labels).reshape(-1, 3)

    assert len({tuple(colour) for colour in colours.tolist()}) == 400
    assert colours.max(axis=1).min() > 100, "black is what a person paints over the background"
    assert colours.min(axis=1).max() < 200, "white says removed"
    assert not (colours == (0, 0, 255)).all(axis=1).any(), "blue says background"


def test_the_colours_of_few_blocks_are_told_apart_at_a_glance() -> None:
    lab = cv2.cvtColor(block_colours(np.arange(14)[None]), cv2.COLOR_RGB2LAB)[0].astype(int)

    apart = np.linalg.norm(lab[:, None] - lab[None], axis=2)

    assert apart[~np.eye(14, dtype=bool)].min() >= 40
