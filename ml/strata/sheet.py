"""Some specimens of a stratum side by side."""

from collections.abc import Sequence

import cv2
import numpy as np

from ml.imaging.arrays import SPECIMEN, Mask, Pixels
from ml.imaging.boxes import Box
from ml.imaging.fills import BLUE, fill_background
from ml.imaging.letterbox import Letterbox

TILE = 120
"""Pixels of a tile's side."""
COLUMNS = 8
_GAP = 4


def tile(pixels: Pixels, mask: Mask | None) -> Pixels:
    """Return a specimen as a (TILE, TILE, 3) uint8 picture, blue where its mask is not.

    Args:
        pixels: shape (height, width, 3), uint8.
        mask: uint8, of the same proportions as the pixels, whatever its size; without one, or if
            it is empty, everything is shown.
    """
    height, width = pixels.shape[:2]
    box, filled = Box(0, 0, width, height), pixels
    if mask is not None and mask.any():
        small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
        inside = np.where(small >= SPECIMEN / 2, SPECIMEN, 0).astype(np.uint8)
        filled = fill_background(pixels, inside, BLUE)
        box = Box.around(inside) if inside.any() else box
    cut = box.cut(filled)
    return Letterbox(cut.shape[0], cut.shape[1], TILE).pixels(cut, BLUE)


def sheet(tiles: Sequence[Pixels]) -> Pixels:
    """Return tiles in rows of ``COLUMNS`` as one (height, width, 3) uint8 picture.

    It is as wide for few tiles as for many, so that they are shown at one size.
    """
    rows, step = -(-len(tiles) // COLUMNS), TILE + _GAP
    whole = np.empty((rows * step - _GAP, COLUMNS * step - _GAP, 3), np.uint8)
    whole[:] = BLUE
    for index, each in enumerate(tiles):
        row, column = divmod(index, COLUMNS)
        whole[row * step : row * step + TILE, column * step : column * step + TILE] = each
    return whole
