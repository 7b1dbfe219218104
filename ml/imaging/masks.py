"""Masks and maps as PNG files, and masks that were made outside."""

import numpy as np
from numpy.typing import NDArray

from ml.errors import UnusableMask
from ml.imaging.arrays import BACKGROUND, SPECIMEN, Mask, Pixels
from ml.imaging.decode import as_rgb, decode
from ml.imaging.header import damaged, read_header
from ml.imaging.png import decode_png, encode_png

_GREYISH = 32
"""How far red, green and blue of a black and white picture may lie apart."""


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


def read_edited_mask(data: bytes, shape: tuple[int, int]) -> Mask:
    """Return a mask that somebody edited outside, as (height, width) uint8, only 0 and 255.

    Specimen is where alpha is at least 128, if the picture has an alpha that varies; otherwise
    where grey (the mean of the channels) is above 128. Pictures of 0 and 1 are scaled first.

    Args:
        data: a picture file of any accepted kind; PNG keeps edges, JPEG does not.
        shape: (height, width) of the crop that the mask belongs to.

    Raises:
        UnreadableImage: the bytes are no picture that can be used.
        UnusableMask: the size is not the crop's, the picture is in colour and has no varying
            alpha, or the mask is all specimen or all background.
    """
    header = read_header(data)
    if (header.height, header.width) != shape:
        raise UnusableMask(
            "The mask has {width} × {height} pixels, but the crop has {crop_width} × "
            "{crop_height}. Edit the crop as it was handed out, without resizing it.",
            width=header.width,
            height=header.height,
            crop_width=shape[1],
            crop_height=shape[0],
        )
    channels = decode(data, header)
    if header.alpha and np.ptp(channels[..., -1]):
        return _checked(channels[..., -1] >= 128)
    return _checked(_is_white(as_rgb(channels, header)))


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


def _is_white(pixels: Pixels) -> NDArray[np.bool_]:
    if (np.ptp(pixels, axis=2) > _GREYISH).mean() > 0.01:
        raise UnusableMask(
            "The picture is in colour, so it does not say what is specimen. Hand in a mask in "
            "black and white, or a cut-out with a transparent background."
        )
    grey = pixels.mean(axis=2)
    threshold = 0.5 if grey.max() == 1 else 128
    return np.asarray(grey > threshold)


def _checked(specimen: NDArray[np.bool_]) -> Mask:
    if not specimen.any():
        raise UnusableMask("The mask is all black: paint the specimen white on black.")
    if specimen.all():
        raise UnusableMask("The mask is all white: paint the background black around the specimen.")
    return np.where(specimen, SPECIMEN, BACKGROUND).astype(np.uint8)
