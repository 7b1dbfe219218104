from collections.abc import Callable

import numpy as np
import pytest

from ml.metrics.overlap import dice, iou

LEFT = np.array([[255, 255, 0, 0]], np.uint8)
MIDDLE = np.array([[0, 255, 255, 0]], np.uint8)
NOTHING = np.zeros((1, 4), np.uint8)


@pytest.mark.parametrize(
    ("mask", "truth", "expected_dice", "expected_iou"),
    [
        (LEFT, LEFT, 1, 1),
        (LEFT, LEFT // 255, 1, 1),
        (LEFT, MIDDLE, 1 / 2, 1 / 3),
        (LEFT, 255 - LEFT, 0, 0),
        (LEFT, NOTHING, 0, 0),
        (NOTHING, NOTHING, 1, 1),
    ],
)
def test_agreement(
    mask: np.ndarray, truth: np.ndarray, expected_dice: float, expected_iou: float
) -> None:
    assert dice(mask, truth) == dice(truth, mask) == pytest.approx(expected_dice)
    assert iou(mask, truth) == iou(truth, mask) == pytest.approx(expected_iou)


@pytest.mark.parametrize("measure", [dice, iou])
def test_masks_of_different_sizes_cannot_be_compared(
    measure: Callable[[np.ndarray, np.ndarray], float],
) -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        measure(LEFT, LEFT.T)
