"""What stands out: the specimen, and not what runs along the border."""

import numpy as np
import pytest

from ml.imaging.drawn import draw_specimen
from ml.metrics.overlap import dice
from ml.propose.grabcut import central_grabcut_mask, saliency_grabcut_mask
from ml.propose.saliency import saliency


@pytest.mark.parametrize("seed", [40, 41])
def test_a_specimen_stands_out(seed: int) -> None:
    drawn = draw_specimen(seed, width=240, height=170)
    salient = saliency(drawn.pixels)
    assert salient.shape == drawn.mask.shape
    assert salient.dtype == np.float32
    assert 0 <= salient.min() <= salient.max() <= 1
    assert salient[drawn.mask > 0].mean() > salient[drawn.mask == 0].mean() + 0.4


def test_ground_of_two_colours_is_ground_and_what_is_inside_is_not() -> None:
    pixels = np.full((120, 180, 3), (200, 190, 170), np.uint8)
    pixels[70:] = (90, 120, 60)
    pixels[40:90, 70:110] = (150, 40, 40)
    salient = saliency(pixels)
    assert salient[60, 90] > 0.8
    assert max(salient[5, 5], salient[110, 170], salient[60, 20], salient[80, 160]) < 0.2


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (60, 90)])
def test_on_one_even_colour_nothing_stands_out_more(shape: tuple[int, int]) -> None:
    salient = saliency(np.full((*shape, 3), 120, np.uint8))
    assert salient.shape == shape
    assert float(salient.max() - salient.min()) < 1e-3


def test_grabcut_from_saliency_and_from_the_centre_find_the_specimen() -> None:
    drawn = draw_specimen(41, width=240, height=170)
    box = drawn.box.grown(0.1, 0.1, 0.1).clamped(240, 170)
    pixels, truth = box.cut(drawn.pixels), box.cut(drawn.mask)
    assert dice(saliency_grabcut_mask(pixels), truth) > 0.9
    assert dice(central_grabcut_mask(pixels), truth) > 0.8
