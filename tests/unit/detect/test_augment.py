"""Random squares for the small YOLO, on photographs of one red rectangle."""

import numpy as np
import pytest

from ml.detect.augment import Photograph, plain_square, random_square, recoloured
from ml.detect.examples import Example, SmallPhotographs
from ml.imaging.boxes import Box
from ml.progress import Progress


def red(rng: np.random.Generator) -> Photograph:
    left, top = rng.integers(5, 60, 2)
    pixels = np.zeros((100, 140, 3), np.uint8)
    pixels[top : top + 35, left : left + 50] = (255, 0, 0)
    return pixels, np.array([[left, top, left + 50, top + 35]], np.float32)


@pytest.mark.parametrize("mosaic", [0.0, 1.0], ids=["one", "mosaic"])
@pytest.mark.parametrize("calm", [True, False])
def test_boxes_stay_on_what_they_are_of(mosaic: float, calm: bool) -> None:
    seen = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        pixels, boxes = random_square(red, 96, rng, mosaic=mosaic, calm=calm, colour=0)
        assert pixels.shape == (96, 96, 3)
        is_red = (pixels[..., 0] > 200) & (pixels[..., 1:].max(2) < 60)
        for left, top, right, bottom in np.round(boxes).astype(int):
            assert is_red[top + 2 : bottom - 2, left + 2 : right - 2].all()
            is_red[max(top - 2, 0) : bottom + 2, max(left - 2, 0) : right + 2] = False
            seen += 1
        assert is_red.sum() < 40  # whatever has no box is painted over
    assert seen > 20


def test_a_plain_square_is_what_a_detector_sees() -> None:
    pixels, boxes = plain_square(red(np.random.default_rng(0)), 70)
    assert pixels.shape == (70, 70, 3)
    assert pixels[0, 0].tolist() == [114, 114, 114]
    assert boxes[0, 2] - boxes[0, 0] == pytest.approx(25)


def test_colours_change_with_the_strength_and_not_without() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    assert (recoloured(pixels, 0, np.random.default_rng(2)) == pixels).all()
    changed = recoloured(pixels, 1, np.random.default_rng(2))
    assert changed.dtype == np.uint8
    assert (changed != pixels).mean() > 0.5


def test_photographs_are_kept_small_with_their_boxes() -> None:
    large = np.full((400, 800, 3), 9, np.uint8)
    reports: list[Progress] = []
    examples = [Example(lambda: large, (Box(80, 40, 160, 120),)), Example(lambda: large[:7], ())]
    small = SmallPhotographs(examples, 100, reports.append)
    assert len(small) == len(reports) == 2
    assert small[0][0].shape == (50, 100, 3)
    assert small[0][1].tolist() == [[10, 5, 20, 15]]
    assert small[1][1].shape == (0, 4)
    assert (small[1][0] == 9).all()
