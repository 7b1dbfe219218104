"""Colour distance from what lies along the border of a crop, and Otsu's threshold on it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Mask, Pixels

Field = NDArray[np.float32]
"""Shape (height, width), float32."""

_ROUNDS = 8


def frame(height: int, width: int, share: float) -> NDArray[np.bool_]:
    """Return where a picture's border is: a band of ``share`` of its short side, 2 pixels at least.

    Returns:
        Shape (height, width), bool.
    """
    band = max(2, round(min(height, width) * share))
    inside = np.ones((height, width), np.bool_)
    inside[band:-band, band:-band] = False
    return inside


def border_distance(pixels: Pixels) -> Field:
    """Return how far each pixel's colour is from the ground seen along the border.

    The ground is a plane per channel of CIE L*a*b*, since light falls off over a tray. It is
    fitted to the outer 4 % by reweighted least squares with Cauchy weights, so that a wing tip or
    a label at the border does not count.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.

    Returns:
        Shape (height, width), float32: CIE 1976 colour difference (ΔE), 0 = ground.
    """
    height, width = pixels.shape[:2]
    smooth = cv2.GaussianBlur(pixels, (0, 0), 1).astype(np.float32) / 255
    lab: Field = np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB), np.float32)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack((np.ones_like(x), x, y), axis=2)
    border = frame(height, width, 0.04)
    difference = lab - terms @ _plane(terms[border], lab[border])
    return np.asarray(np.linalg.norm(difference, axis=2), np.float32)


def border_mask(pixels: Pixels) -> Mask:
    """Return where the distance from the border's colour is above Otsu's threshold.

    Otsu, "A threshold selection method from gray-level histograms", 1979. The mask is as found:
    specks and holes are left in it.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.
    """
    distance = border_distance(pixels)
    brightest = max(float(np.percentile(distance, 99.5)), 1.0)
    levels = np.clip(distance * (255 / brightest), 0, 255).astype(np.uint8)
    return np.asarray(cv2.threshold(levels, 0, 255, cv2.THRESH_OTSU)[1], np.uint8)


def _plane(terms: Field, colours: Field) -> Field:
    weights = np.ones(len(terms), np.float32)
    plane = np.zeros((3, 3), np.float32)
    for _ in range(_ROUNDS):
        weighted = terms * weights[:, None]
        plane = np.linalg.lstsq(weighted.T @ terms, weighted.T @ colours, rcond=None)[0]
        error = np.linalg.norm(colours - terms @ plane, axis=1)
        scale = 2 * max(1.0, float(np.median(error)))
        weights = 1 / (1 + (error / scale) ** 2)
    return plane
