"""Pictures of a specimen with its background painted over or left out."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Colour, Mask, Pixels

BLUE: Colour = (0, 0, 255)
"""The colour that curators review on: no moth wing has it."""

BLACK: Colour = (0, 0, 0)


def fill_background(pixels: Pixels, mask: Mask, colour: Colour) -> Pixels:
    """Return a copy of the crop in which everything outside the mask has one colour.

    Args:
        pixels: shape (height, width, 3), uint8.
        mask: shape (height, width), uint8; what is not 0 keeps its pixels.
        colour: red, green, blue, each 0…255.
    """
    filled = np.empty_like(pixels)
    filled[:] = colour
    cv2.copyTo(pixels, mask, filled)
    return filled


def cutout(pixels: Pixels, mask: Mask) -> NDArray[np.uint8]:
    """Return (height, width, 4) uint8 RGBA with the mask as alpha; what is hidden is black."""
    return np.dstack((fill_background(pixels, mask, BLACK), mask))
