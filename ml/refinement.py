"""Edges found at a network's small size, drawn to the picture's own at its full size."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.config import Refinement
from ml.crf import CrfConfig, dense_crf, is_available
from ml.imaging.arrays import Pixels
from ml.imaging.letterbox import Letterbox
from ml.imaging.read import fit_within

Field = NDArray[np.float32]
"""Shape (height, width), float32."""

CRF_SIDE = 128
"""Pixels on the long side at which the CRF works: its time grows with the area, and what lies
between these pixels is the guided filter's."""

CRF = CrfConfig(certainty=1.0, far=13.0, colour=8.0, steps=5)
"""Reach and colour for pictures of that size; reaching as far as the lab's, which were for twice
the size, it takes ground of the wing's colour for wing and whole wings for ground."""

REACH = 1 / 24
"""Of a network's side; measured by ``benchmarks.prediction``. Wider, and other things of the
wing's colour are taken for wing."""

_RIDGE = 1e-3
_FLAT = 1e-3


def refined(square: Field, pixels: Pixels, how: Refinement) -> Field:
    """Return a network's probability at the size of its crop, thresholded nowhere.

    Args:
        square: shape (side, side), float32, 0…1: of the letter-boxed crop.
        pixels: the crop, shape (height, width, 3), uint8 RGB.
        how: ``none`` is bilinear interpolation; ``guided`` a guided filter; ``crf`` a dense CRF
            at the network's scale and then the guided filter, or that alone where pydensecrf2 is
            not installed.

    Returns:
        Shape (height, width), float32, about 0…1; specimen is what lies above one half.
    """
    box = Letterbox(len(pixels), len(pixels[0]), len(square))
    if how == "crf" and is_available():
        square = _agreed(box, square, pixels)
    if how != "none" and box.scale < 1:  # a crop that was enlarged has no finer edges
        inner = np.ascontiguousarray(box.inner(square))
        return guided(inner, pixels, max(1, round(len(square) * REACH)))
    return box.back(square)


def guided(values: Field, pixels: Pixels, reach: int = 2) -> Field:
    """Return values at the size of a picture, their edges drawn to the picture's own.

    He, Sun and Tang, "Guided image filtering", PAMI 2013, with colour as the guide: the plane that
    maps colour to value around each pixel is fitted at the values' size and, as in He and Sun,
    "Fast guided filter", 2015 (arXiv 1505.00996), applied at the picture's.

    Args:
        values: shape (height, width), float32, made from the picture at that smaller size.
        pixels: the whole picture, shape (height, width, 3), uint8 RGB.
        reach: pixels of ``values`` on each side of one that its plane is fitted to. The rougher
            their edges, the wider.
    """
    small = cv2.resize(pixels, values.shape[::-1], interpolation=cv2.INTER_AREA)
    slopes, offset = _planes(small.astype(np.float32) / np.float32(255), values, reach)
    size = pixels.shape[1], pixels.shape[0]
    drawn = np.asarray(cv2.resize(offset, size), np.float32)
    for channel in range(3):  # one after the other: at full size each takes much memory
        slope = np.asarray(cv2.resize(slopes[..., channel], size), np.float32)
        drawn += slope * (pixels[..., channel] / np.float32(255))
    return drawn


def _planes(guide: Field, values: Field, reach: int) -> tuple[Field, Field]:
    """Slopes (height, width, 3) and offset of the plane from colours to values around each one."""
    guide_mean, value_mean = _mean(guide, reach), _mean(values, reach)
    slopes = np.zeros_like(guide)
    # Elsewhere the values are flat, and so is their plane.
    busy = _mean(values * values, reach) - value_mean**2 > _FLAT
    covariance = _mean(guide * values[..., None], reach) - guide_mean * value_mean[..., None]
    products = guide[..., :, None] * guide[..., None, :]
    spread = _mean(products.reshape(*values.shape, 9), reach)[busy].reshape(-1, 3, 3)
    mean = guide_mean[busy]
    spread -= mean[:, :, None] * mean[:, None, :]
    spread += _RIDGE * np.eye(3, dtype=np.float32)
    slopes[busy] = np.linalg.solve(spread, covariance[busy][..., None])[..., 0]
    offset = value_mean - (slopes * guide_mean).sum(axis=2)
    return _mean(slopes, reach), _mean(offset, reach)


def _mean(values: Field, reach: int) -> Field:
    return np.asarray(cv2.boxFilter(values, -1, (2 * reach + 1,) * 2), np.float32)


def _agreed(box: Letterbox, square: Field, pixels: Pixels) -> Field:
    """Return the square once pixels of one colour near each other agree in it."""
    small = fit_within(pixels, CRF_SIDE)
    inner = np.ascontiguousarray(box.inner(square))
    believed = cv2.resize(inner, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    agreed = dense_crf(small, np.asarray(believed, np.float32), CRF)
    changed = square.copy()
    box.inner(changed)[:] = cv2.resize(agreed, inner.shape[1::-1])
    return changed
