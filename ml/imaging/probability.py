"""Probability maps as they are stored: small, at the network's size, read at the crop's."""

import numpy as np
from numpy.typing import NDArray

from ml.imaging.header import damaged
from ml.imaging.letterbox import Letterbox
from ml.imaging.png import decode_png, encode_png

LEVELS = 32
"""Even, so that none lies at one half. With 256 a file is three times as large, most of it noise
of the network's arithmetic."""


def encode_probability(square: NDArray[np.float32]) -> bytes:
    """Return a network's answer as a grey PNG: 0…255 for 0…1, in 32 steps.

    Args:
        square: shape (side, side), float32, 0…1: of the letter-boxed crop.
    """
    levels = np.rint(square * (LEVELS - 1)) / (LEVELS - 1)
    return encode_png(np.rint(levels * 255).astype(np.uint8))


def decode_probability(data: bytes, height: int, width: int) -> NDArray[np.float32]:
    """Return what ``encode_probability`` wrote, interpolated to the crop's size.

    Args:
        data: the PNG.
        height: rows of the crop.
        width: columns of the crop.

    Returns:
        Shape (height, width), float32, 0…1, within 1/55 of what was written.

    Raises:
        UnreadableImage: the bytes are no square grey PNG.
    """
    square = decode_png(data)
    if square.ndim != 2 or len(square) != len(square[0]):
        raise damaged("PNG")
    values = square.astype(np.float32) / np.float32(255)
    return Letterbox(height, width, len(square)).back(values)
