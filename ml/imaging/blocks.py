"""Maps of regions as pictures for people: each region in a colour of its own."""

import colorsys

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Pixels

_STEP = 0.276393
"""Share of the colour circle from one id to the next."""
_SHADES = ((0.9, 0.5), (0.9, 0.95), (0.35, 0.95), (0.6, 0.72), (0.9, 0.72))
"""Saturation and brightness by turns; none gives black, white, or the blue of review.

Step and shades were searched for: of the first 14 colours, which is more than most maps have, no
two lie nearer than 45 in CIELAB.
"""


def block_colours(labels: NDArray[np.integer], shape: tuple[int, int] | None = None) -> Pixels:
    """Return a map of ids as uint8 RGB of shape (height, width, 3).

    The same id has the same colour in every map. No colour is black, which a person paints over
    the background, nor white, nor pure blue.

    Args:
        labels: shape (rows, columns), ids of at least 0.
        shape: (height, width) of the picture, if it is not to be the map's own; no colour is mixed.
    """
    palette = np.array([_colour(id_) for id_ in range(int(labels.max(initial=0)) + 1)], np.uint8)
    colours = np.asarray(palette[labels], np.uint8)
    if shape is None or shape == labels.shape:
        return colours
    scaled = cv2.resize(colours, shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(scaled, np.uint8)


def _colour(id_: int) -> tuple[int, int, int]:
    saturation, value = _SHADES[id_ % len(_SHADES)]
    red, green, blue = colorsys.hsv_to_rgb(id_ * _STEP % 1, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)
