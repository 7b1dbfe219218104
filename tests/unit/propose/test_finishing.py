"""From raw masks at the working size to clean ones at the crop's."""

import cv2
import numpy as np
import pytest

from ml.crf import CrfConfig
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import fit_within
from ml.metrics.overlap import dice
from ml.propose.finishing import Finishing, enlarged, finished, unframed_contour

EVEN = np.full((200, 320, 3), 120, np.uint8)


def test_cleaning_drops_specks_holes_and_what_is_thin_but_keeps_tails() -> None:
    body = np.zeros((200, 320), np.uint8)
    body[60:140, 100:220] = 255
    tail, antenna = (slice(140, 180), slice(150, 158)), (slice(20, 60), slice(170, 173))
    body[tail] = 255
    raw = body.copy()
    raw[antenna], raw[90:95, 150:155], raw[5:30, 5:30] = 255, 0, 255
    mask = finished(raw, EVEN, Finishing())
    assert mask[tail].mean() > 240
    assert not mask[20:55].any()
    assert dice(mask, body) > 0.995


def test_finishing_nothing_gives_nothing() -> None:
    nothing = np.zeros((200, 320), np.uint8)
    for finishing in (Finishing(), Finishing(crf=CrfConfig(), closed=0.05)):
        assert not finished(nothing, EVEN, finishing).any()


def test_each_step_can_be_left_out() -> None:
    raw = np.zeros((200, 320), np.uint8)
    raw[60:140, 100:220], raw[60:140, 160:162] = 255, 0
    raw[90:93, 220:300], raw[5:30, 5:30] = 255, 255
    none = finished(raw, EVEN, Finishing(contour=False, opened=0))
    assert np.array_equal(none, raw)
    contour = finished(raw, EVEN, Finishing(opened=0))
    assert (contour[20, 20], contour[91, 290]) == (0, 255)
    opened = finished(raw, EVEN, Finishing(contour=False))
    assert (opened[20, 20], opened[91, 290], opened[100, 161]) == (255, 0, 0)
    closed = finished(raw, EVEN, Finishing(contour=False, opened=0, closed=1 / 64))
    assert (closed[100, 161], closed[20, 20]) == (255, 255)


def test_a_contour_that_caught_the_frame_gives_way_to_what_is_inside() -> None:
    caught = np.full((256, 256), 255, np.uint8)
    caught[12:244, 12:244] = 0
    caught[80:180, 60:200] = 255
    mask = unframed_contour(caught)
    assert not mask[:20].any()
    assert mask[80:180, 60:200].all()
    assert (mask > 0).sum() == 100 * 140


def test_the_crf_draws_a_wide_mask_to_the_edges() -> None:
    drawn = draw_specimen(40, width=240, height=170)
    wide = cv2.dilate(drawn.mask, np.ones((3, 3), np.uint8), iterations=3).astype(np.uint8)
    mask = finished(wide, drawn.pixels, Finishing(crf=CrfConfig(), opened=0))
    assert dice(mask, drawn.mask) > dice(wide, drawn.mask) + 0.02


@pytest.mark.parametrize(("ground", "wing"), [(200, 60), (90, 160)])
def test_enlarging_follows_the_edges_of_the_picture(ground: int, wing: int) -> None:
    truth = np.zeros((600, 900), np.uint8)
    cv2.ellipse(truth, (450, 300), (330, 170), 20, 30, 330, 255, cv2.FILLED)
    pixels = np.where(truth[..., None] > 0, wing, ground).repeat(3, axis=2).astype(np.uint8)
    small = np.where(fit_within(truth, 180) >= 128, 255, 0).astype(np.uint8)
    smooth = np.where(cv2.resize(small, (900, 600)) >= 128, 255, 0).astype(np.uint8)
    mask = enlarged(small, pixels)
    assert set(np.unique(mask)) == {0, 255}
    assert 1 - dice(mask, truth) < 0.5 * (1 - dice(smooth, truth))
