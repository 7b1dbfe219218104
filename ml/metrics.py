"""How well a mask agrees with the true one."""

import numpy as np

from ml.imaging.arrays import Mask


def dice(mask: Mask, truth: Mask) -> float:
    """Return 2·|both| / (|mask| + |truth|), 0…1; two empty masks agree fully.

    Dice, "Measures of the amount of ecologic association between species", Ecology 1945.

    Args:
        mask: shape (height, width), uint8; what is not 0 counts as specimen.
        truth: the same for the true mask.

    Raises:
        ValueError: the shapes differ.
    """
    both, either = _overlap(mask, truth)
    return 2 * both / (both + either) if either else 1.0


def iou(mask: Mask, truth: Mask) -> float:
    """Return |both| / |either|, 0…1; two empty masks agree fully.

    Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 1912.

    Args:
        mask: shape (height, width), uint8; what is not 0 counts as specimen.
        truth: the same for the true mask.

    Raises:
        ValueError: the shapes differ.
    """
    both, either = _overlap(mask, truth)
    return both / either if either else 1.0


def _overlap(mask: Mask, truth: Mask) -> tuple[int, int]:
    if mask.shape != truth.shape:
        raise ValueError(f"masks of shapes {mask.shape} and {truth.shape} cannot be compared")
    marked, true = mask != 0, truth != 0
    return int(np.count_nonzero(marked & true)), int(np.count_nonzero(marked | true))
