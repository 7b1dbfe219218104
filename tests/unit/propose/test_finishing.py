"""From raw masks at the working size to clean ones at the crop's."""

import cv2
import numpy as np
import pytest

from ml.imaging.read import fit_within
from ml.metrics import dice
from ml.propose.finishing import cleaned, enlarged


def test_cleaning_drops_specks_holes_and_what_is_thin_but_keeps_tails() -> None:
    body = np.zeros((200, 320), np.uint8)
    body[60:140, 100:220] = 255
    tail, antenna = (slice(140, 180), slice(150, 158)), (slice(20, 60), slice(170, 173))
    body[tail] = 255
    raw = body.copy()
    raw[antenna], raw[90:95, 150:155], raw[5:30, 5:30] = 255, 0, 255
    mask = cleaned(raw)
    assert mask[tail].mean() > 240
    assert not mask[20:55].any()
    assert dice(mask, body) > 0.995


def test_cleaning_nothing_gives_nothing() -> None:
    assert not cleaned(np.zeros((30, 40), np.uint8)).any()


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
