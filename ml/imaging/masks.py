"""Masks and maps as PNG files, and masks that were made outside."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import UnreadableImage, UnusableMask
from ml.imaging.arrays import SPECIMEN, Mask

_FAST_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1)


def encode_mask(mask: Mask) -> bytes:
    """Return a (height, width) uint8 mask as a one-channel 8-bit PNG, without loss."""
    return _png(mask)


def decode_mask(data: bytes) -> Mask:
    """Return the mask that ``encode_mask`` wrote: (height, width) uint8, only 0 and 255.

    Raises:
        UnreadableImage: the bytes are no PNG.
        UnusableMask: the PNG is no one-channel picture of 0 and 255.
    """
    mask = _from_png(data)
    if mask.ndim != 2 or mask.dtype != np.uint8 or not np.isin(mask, (0, SPECIMEN)).all():
        raise UnusableMask("This PNG is no mask: a mask has one 8-bit channel of 0 and 255.")
    return mask


def encode_map(labels: NDArray[np.integer]) -> bytes:
    """Return a (height, width) map of ids 0…65535 as RGB PNG: id = red + 256 · green.

    Raises:
        ValueError: an id does not fit.
    """
    if labels.size and (labels.min() < 0 or labels.max() > 0xFFFF):
        raise ValueError("ids of a map must lie between 0 and 65535")
    low, high = (labels & 0xFF).astype(np.uint8), (labels >> 8).astype(np.uint8)
    return _png(np.dstack((np.zeros_like(low), high, low)))


def decode_map(data: bytes) -> NDArray[np.int32]:
    """Return the (height, width) int32 ids that ``encode_map`` wrote.

    Raises:
        UnreadableImage: the bytes are no PNG of three 8-bit channels.
    """
    blue_green_red = _from_png(data)
    if blue_green_red.ndim != 3 or blue_green_red.shape[2] != 3:
        raise UnreadableImage("This PNG is no map: a map has three 8-bit channels.")
    high, low = blue_green_red[..., 1], blue_green_red[..., 2]
    return low.astype(np.int32) + (high.astype(np.int32) << 8)


def _png(channels: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", channels, _FAST_PNG)[1].tobytes()


def _from_png(data: bytes) -> np.ndarray:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if decoded is None:
        raise UnreadableImage("This is no PNG picture.")
    return decoded
