"""Carrying masks between a crop and its whole photograph."""

import numpy as np

from ml.imaging.arrays import Mask
from ml.imaging.boxes import Box


def into_photograph(mask: Mask, box: Box, height: int, width: int) -> Mask:
    """Return the mask of a crop as a mask of its photograph, background outside the box.

    Args:
        mask: shape (box.height, box.width), uint8.
        box: where the crop lies; wholly inside the photograph.
        height: rows of the photograph.
        width: columns of the photograph.

    Raises:
        ValueError: the mask has not the box's size, or the box leaves the photograph.
    """
    if mask.shape != (box.height, box.width):
        raise ValueError(f"a mask of shape {mask.shape} does not fit {box}")
    whole = np.zeros((height, width), np.uint8)
    box.cut(whole)[:] = mask
    return whole


def out_of_photograph(mask: Mask, box: Box) -> Mask:
    """Return the part of a photograph's mask that lies in a crop, as an array of its own.

    Raises:
        ValueError: the box leaves the photograph.
    """
    return box.cut(mask).copy()


def carried(mask: Mask, box: Box, target: Box) -> Mask:
    """Return the mask of one crop as a mask of another crop of the same photograph.

    What lies outside the target is lost, and what only the target holds is background.

    Args:
        mask: shape (box.height, box.width), uint8.
        box: where the mask's crop lies on the photograph.
        target: where the other crop lies; the boxes need not touch.

    Raises:
        ValueError: the mask has not the box's size.
    """
    if mask.shape != (box.height, box.width):
        raise ValueError(f"a mask of shape {mask.shape} does not fit {box}")
    moved = np.zeros((target.height, target.width), np.uint8)
    shared = target.shared(box)
    if shared.area:
        into = shared.shifted(-target.left, -target.top)
        into.cut(moved)[:] = shared.shifted(-box.left, -box.top).cut(mask)
    return moved
