"""Small pictures of a specimen without its background, for many on one page."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Colour, Mask, Pixels
from ml.imaging.fills import BLUE, cutout

_WHITE: Colour = (255, 255, 255)
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def soft_mask(mask: Mask, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the mask scaled (area average) to ``shape``; soft edges lie between 0 and 255.

    Args:
        mask: shape (height, width), uint8, 0 and 255.
        shape: (height, width) of the small picture, in pixels.
    """
    size = shape[1], shape[0]
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)


def cut_out(pixels: Pixels, soft: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (height, width, 4) uint8 RGBA: a page lays it on whatever ground it likes.

    Args:
        pixels: the small picture, shape (height, width, 3), uint8.
        soft: shape (height, width), uint8, 0…255; becomes the alpha.
    """
    return cutout(pixels, soft)


def outlined(pixels: Pixels, soft: NDArray[np.uint8]) -> Pixels:
    """Return the small picture with the mask's edge drawn, blue within and white without.

    Args:
        pixels: shape (height, width, 3), uint8.
        soft: shape (height, width), uint8, 0…255.
    """
    mask = np.where(soft > 127, 255, 0).astype(np.uint8)
    drawn = pixels.copy()
    drawn[(mask == 0) & (cv2.dilate(mask, _CROSS) > 0)] = _WHITE
    drawn[(mask > 0) & (cv2.erode(mask, _CROSS) == 0)] = BLUE
    return drawn
