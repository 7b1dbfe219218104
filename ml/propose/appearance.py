"""How a method is shown a picture: as it is, or so that what is hard to tell apart stands out."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Pixels

Appearance = Literal["rgb", "pca", "rgb+pca", "stretched"]
"""RGB; its largest spread as grey; both, in 4 channels; each channel stretched."""

APPEARANCES: tuple[Appearance, ...] = get_args(Appearance)

_TAIL = 1.0


def seen_as(pixels: Pixels, appearance: Appearance) -> NDArray[np.uint8]:
    """Return a picture in the appearance that is wanted.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.
        appearance: which.

    Returns:
        Shape (height, width, channels), uint8; 1 channel for "pca", 4 for "rgb+pca", else 3.
    """
    if appearance == "rgb":
        return pixels
    if appearance == "stretched":
        return stretched(pixels)
    spread = largest_spread(pixels)[..., None]
    return spread if appearance == "pca" else np.concatenate((pixels, spread), axis=2)


def stretched(pixels: Pixels) -> Pixels:
    """Return each channel stretched, so that its 1st and 99th percentile become 0 and 255."""
    low, high = np.percentile(pixels, (_TAIL, 100 - _TAIL), axis=(0, 1))
    return _scaled(pixels.astype(np.float32), low, high)


def largest_spread(pixels: Pixels) -> NDArray[np.uint8]:
    """Return the first principal component of the colours, stretched to 0…255.

    Pearson, "On lines and planes of closest fit to systems of points in space", 1901. Its sign is
    such that brighter colours stay brighter.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.

    Returns:
        Shape (height, width), uint8.
    """
    colours = pixels.reshape(-1, 3).astype(np.float32)
    _, axes = np.linalg.eigh(np.cov(colours, rowvar=False))
    axis = axes[:, -1].astype(np.float32)
    values = colours @ (axis if axis.sum() >= 0 else -axis)
    low, high = np.percentile(values, (_TAIL, 100 - _TAIL))
    return _scaled(values, low, high).reshape(pixels.shape[:2])


def _scaled(
    values: NDArray[np.float32], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.uint8]:
    return np.clip((values - low) * (255 / np.maximum(high - low, 1)), 0, 255).astype(np.uint8)
