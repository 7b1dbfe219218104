"""How detectors are compared."""

import numpy as np
import pytest

from ml.detect.detector import Detection
from ml.detect.examples import Example
from ml.detect.figures import compare, figures_of, growth_for_whole, is_whole
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box


class Fixed:
    """Finds the same things on every photograph of full width."""

    name = "fixed"

    def __init__(self, *found: Detection) -> None:
        self.found = list(found)

    def detect(self, pixels: Pixels) -> list[Detection]:
        return self.found if pixels.shape[1] == 100 else []


def photograph(*boxes: Box) -> Example:
    return Example(lambda: np.zeros((100, 100, 3), np.uint8), boxes)


A, B = Box(10, 10, 30, 30), Box(60, 60, 90, 90)


def test_of_one_specimen_the_surest_counts_and_a_missed_one_is_0() -> None:
    finds = Fixed(Detection(A, 0.4), Detection(B, 0.9))
    (figures, nothing) = compare([finds, Fixed()], [photograph(A), photograph(B)])
    assert (figures.specimens, figures.mean_iou, figures.share_good) == (2, 0.5, 0.5)
    assert (nothing.mean_iou, nothing.share_whole) == (0, 0)


def test_of_several_specimens_each_has_the_box_that_fits_best() -> None:
    finds = Fixed(Detection(A, 0.4), Detection(A.shifted(2, 0), 0.9))
    (figures,) = compare([finds], [photograph(A, B)])
    assert figures.mean_iou == pytest.approx(0.5)
    assert figures.specimens == 2


def test_whole_is_what_the_enlarged_box_holds() -> None:
    assert is_whole(Box(0, 0, 100, 100), Box(-5, -5, 105, 105))
    assert not is_whole(Box(0, 0, 100, 100), Box(-8, -5, 105, 105))


def test_boxes_are_enlarged_until_97_of_100_specimens_are_whole() -> None:
    found = Box(10, 10, 110, 110)
    exact, little = [(found, found)] * 96, [(found, Box(0, 0, 120, 120))] * 2
    # whole pixels outward: 9.5 are 10
    assert growth_for_whole([*exact, *little, (found, Box(0, 0, 180, 180))]) == 0.19
    assert growth_for_whole([*exact, *little, (None, found)]) == 0.19


def test_no_enlarging_helps_where_specimens_are_missed() -> None:
    assert growth_for_whole([(A, A), (None, B)]) is None
    assert growth_for_whole([]) is None


def test_nothing_to_find_has_no_figures() -> None:
    assert figures_of([]).mean_iou == 0
    assert compare([Fixed()], [photograph()])[0].specimens == 0
