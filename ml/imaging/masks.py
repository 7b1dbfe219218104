"""Masks and maps as PNG files, and masks that were made outside."""

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray

from ml.errors import UnusableMask
from ml.imaging.arrays import BACKGROUND, SPECIMEN, Mask
from ml.imaging.decode import decode
from ml.imaging.header import DECODING_ERRORS, damaged, read_header

# Filtering a PNG's rows helps photographs; flat areas are three times faster without.
_FLAT_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE)


def encode_mask(mask: Mask) -> bytes:
    """Return a (height, width) uint8 mask as a one-channel 8-bit PNG, losslessly."""
    return cv2.imencode(".png", mask, _FLAT_PNG)[1].tobytes()


def decode_mask(data: bytes) -> Mask:
    """Return the mask that ``encode_mask`` wrote: (height, width) uint8, only 0 and 255.

    Raises:
        UnreadableImage: the bytes are no PNG.
        UnusableMask: the PNG is no one-channel picture of 0 and 255.
    """
    mask = _from_png(data)
    if mask.ndim != 2 or mask.dtype != np.uint8 or ((mask != 0) & (mask != SPECIMEN)).any():
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
        UnusableMask: the size is not the crop's, or the mask is all specimen or all background.
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
    has_alpha = header.alpha and np.ptp(channels[..., -1]) > 0
    specimen = channels[..., -1] >= 128 if has_alpha else _is_white(channels, header.alpha)
    return _checked(specimen)


def encode_map(labels: NDArray[np.integer]) -> bytes:
    """Return a (height, width) map of ids 0…65535 as RGB PNG: id = red + 256 · green.

    Raises:
        ValueError: an id does not fit.
    """
    if labels.size and (labels.min() < 0 or labels.max() > 0xFFFF):
        raise ValueError("ids of a map must lie between 0 and 65535")
    low, high = (labels & 0xFF).astype(np.uint8), (labels >> 8).astype(np.uint8)
    blue_green_red = np.dstack((np.zeros_like(low), high, low))
    return cv2.imencode(".png", blue_green_red, _FLAT_PNG)[1].tobytes()


def decode_map(data: bytes) -> NDArray[np.int32]:
    """Return the (height, width) int32 ids that ``encode_map`` wrote.

    Raises:
        UnreadableImage: the bytes are no PNG of three channels.
    """
    channels = _from_png(data)
    if channels.ndim != 3:
        raise damaged("PNG")
    return channels[..., 0].astype(np.int32) + 256 * channels[..., 1].astype(np.int32)


def _is_white(channels: NDArray[np.uint8], alpha: bool) -> NDArray[np.bool_]:
    grey = (channels[..., :-1] if alpha else channels).mean(axis=2)
    threshold = 0.5 if grey.max() == 1 else 128
    return np.asarray(grey > threshold)


def _checked(specimen: NDArray[np.bool_]) -> Mask:
    if not specimen.any():
        raise UnusableMask("The mask is all black: paint the specimen white on black.")
    if specimen.all():
        raise UnusableMask("The mask is all white: paint the background black around the specimen.")
    return np.where(specimen, SPECIMEN, BACKGROUND).astype(np.uint8)


def _from_png(data: bytes) -> np.ndarray:
    try:
        return np.asarray(imagecodecs.png_decode(data))
    except DECODING_ERRORS as error:
        raise damaged("PNG") from error
