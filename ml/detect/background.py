"""How far each pixel's colour is from the ground that the specimen lies on."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Pixels

Field = NDArray[np.float32]
"""Shape (height, width), float32."""

DEEPEST_SHADOW = 20.0
SHADOW_DISCOUNT = 0.6
"""How far (ΔE) a shadow darkens the tray, and which share of that is not counted."""

_FROM_BLACK = np.array([16, 0, 0], np.float32)
_SAMPLE_STEP = 4
_TOLERANCES = (30, 20, 14, 10, 8, 6, 6, 6)


def background_difference(pixels: Pixels) -> Field:
    """Return the distance of each pixel from a smooth background fitted to the picture.

    Light falls off over a tray, so the background is a second-order surface per channel of CIE
    L*a*b*. It starts as the median colour of the picture's border and is fitted by iteratively
    reweighted least squares (Tukey's biweight), the tolerance narrowing from step to step, so
    that specimen, ruler, card and labels lose their weight.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.

    Returns:
        Shape (height, width), float32: CIE 1976 colour difference (ΔE), 0 = background; what is
        only darker than the background counts less, as a shadow may do that.
    """
    sharp = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab: Field = cv2.GaussianBlur(sharp, (0, 0), 1).astype(np.float32, copy=False)
    terms = _surface_terms(lab.shape[0], lab.shape[1])
    step = slice(None, None, _SAMPLE_STEP)
    surface = _fit(terms[step, step].reshape(-1, 6), lab[step, step].reshape(-1, 3), _border(lab))
    return _difference(lab, terms @ surface)


def _surface_terms(height: int, width: int) -> Field:
    """1, x, y, x², xy, y² of each pixel, x and y from -1 to 1."""
    x = np.linspace(-1, 1, width, dtype=np.float32)[None].repeat(height, 0)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None].repeat(width, 1)
    return np.stack((np.ones_like(x), x, y, x * x, x * y, y * y), axis=2)


def _border(lab: Field) -> Field:
    band = max(1, min(lab.shape[:2]) // 20)
    strips = (lab[:band], lab[-band:], lab[:, :band], lab[:, -band:])
    median: Field = np.median(np.concatenate([strip.reshape(-1, 3) for strip in strips]), axis=0)
    return median


def _fit(terms: Field, colours: Field, start: Field) -> Field:
    surface = np.zeros((6, 3), np.float32)
    surface[0] = start
    # A little resistance to slopes keeps the surface flat where hardly any background is seen.
    resistance = np.diag([1e-6, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3])
    # A specimen lies in the middle: without this a large pale one can be taken for the tray.
    outward = np.abs(terms[:, 1:3]).max(axis=1)
    for tolerance in _TOLERANCES:
        squared = ((colours - terms @ surface) ** 2).sum(axis=1) / tolerance**2
        weights = outward * np.clip(1 - squared, 0, None) ** 2
        weighted = terms * weights[:, None]
        normal = weighted.T @ terms + resistance * max(float(weights.sum()), 1.0)
        surface = np.linalg.solve(normal, weighted.T @ colours).astype(np.float32)
    return surface


def _difference(lab: Field, background: Field) -> Field:
    """Length of the colour difference, its part towards black shortened.

    Less light divides L* + 16, a* and b* by one factor, so a shadow moves a colour straight
    towards black at (-16, 0, 0).
    """
    to_black = -(background + _FROM_BLACK)
    change = lab - background
    darker = _dot(change, to_black) / np.sqrt(_dot(to_black, to_black))
    aside = np.maximum(_dot(change, change) - darker**2, 0)
    shadow = np.clip(darker, 0, DEEPEST_SHADOW)
    difference: Field = np.sqrt(aside + (darker - SHADOW_DISCOUNT * shadow) ** 2)
    return difference


def _dot(first: Field, second: Field) -> Field:
    product: Field = np.einsum("yxc,yxc->yx", first, second)
    return product
