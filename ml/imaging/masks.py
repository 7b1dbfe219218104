"""Masks and maps as PNG files of our own; `outside` reads what others made."""

import numpy as np
from numpy.typing import NDArray

from ml.errors import UnusableMask
from ml.imaging.arrays import SPECIMEN, Mask
from ml.imaging.header import damaged
from ml.imaging.png import decode_png, encode_png


def encode_mask(mask: Mask) -> bytes:
    """Return a (height, width) uint8 mask as a one-channel 8-bit PNG, losslessly."""
    return encode_png(mask)


def decode_mask(data: bytes) -> Mask:
    """Return the mask that ``encode_mask`` wrote: (height, width) uint8, only 0 and 255.

    Raises:
        UnreadableImage: the bytes are no PNG.
        UnusableMask: the PNG is no one-channel picture of 0 and 255.
    """
    mask = decode_png(data)
    if mask.ndim != 2 or ((mask != 0) & (mask != SPECIMEN)).any():
        raise UnusableMask("The PNG is no mask: a mask has one 8-bit channel of 0 and 255.")
    return mask


def encode_map(labels: NDArray[np.integer]) -> bytes:
    """Return a (height, width) map of ids 0…65535 as RGB PNG: id = red + 256 · green.

    Raises:
        ValueError: an id does not fit.
    """
    if labels.size and (labels.min() < 0 or labels.max() > 0xFFFF):
        raise ValueError("ids of a map must lie between 0 and 65535")
    low, high = (labels & 0xFF).astype(np.uint8), (labels >> 8).astype(np.uint8)
    return encode_png(np.dstack((low, high, np.zeros_like(low))))


def decode_map(data: bytes) -> NDArray[np.int32]:
    """Return the (height, width) int32 ids that ``encode_map`` wrote.

    Raises:
        UnreadableImage: the bytes are no PNG of three channels.
    """
    blue_green_red = decode_png(data)
    if blue_green_red.ndim != 3:
        raise damaged("PNG")
    high, low = blue_green_red[..., 1], blue_green_red[..., 2]
    return low.astype(np.int32) + 256 * high.astype(np.int32)
