"""Boxes that settle at the edges of what is in them."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from ml.detect.detector import Detection
from ml.detect.settling import SettlingDetector, settled
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.drawn import draw_specimen

SEEDS = range(3, 9)


@dataclass
class Fixed:
    found: list[Detection] = field(default_factory=list)
    name: str = "fixed"

    def detect(self, _pixels: Pixels) -> list[Detection]:
        return self.found


def off(box: Box, by: float, pixels: Pixels) -> Box:
    """The box moved and enlarged by a share of its size."""
    moved = box.shifted(round(by * box.width), -round(by * box.height))
    return moved.grown(by, by, by).clamped(pixels.shape[1], pixels.shape[0])


@pytest.mark.parametrize("by", [-0.05, 0.05])
def test_boxes_that_are_a_little_off_come_nearer_to_the_specimens(by: float) -> None:
    before, after = [], []
    for seed in SEEDS:
        drawn = draw_specimen(seed, width=420, height=300)
        true = Box.around(drawn.mask)
        found = off(true, by, drawn.pixels)
        before.append(found.iou(true))
        after.append(settled(drawn.pixels, found).iou(true))
    assert np.mean(after) > np.mean(before) + 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_what_reaches_out_of_the_box_is_taken_in_whole(seed: int) -> None:
    drawn = draw_specimen(seed, width=420, height=300)
    true = Box.around(drawn.mask)
    cut = Box(true.left + true.width // 30, true.top, true.right, true.bottom)
    assert settled(drawn.pixels, cut).left <= true.left + 2


@pytest.mark.parametrize(
    "box", [Box(0, 0, 120, 80), Box(20, 20, 90, 70), Box(5, 5, 6, 6)], ids=["all", "part", "pixel"]
)
def test_where_nothing_is_seen_the_box_stays(box: Box) -> None:
    plain = np.full((80, 120, 3), 200, np.uint8)
    assert settled(plain, box) == box


def test_it_settles_every_box_of_a_detector_and_keeps_name_and_confidence() -> None:
    drawn = draw_specimen(4, width=420, height=300)
    before = off(Box.around(drawn.mask), 0.05, drawn.pixels)
    detector = SettlingDetector(Fixed([Detection(before, 0.7), Detection(before, 0.4)]))
    found = detector.detect(drawn.pixels)
    assert detector.name == "fixed"
    assert [each.confidence for each in found] == [0.7, 0.4]
    assert {each.box for each in found} == {settled(drawn.pixels, before)}
