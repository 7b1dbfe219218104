"""Reading photographs exactly as they are stored."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import BACKGROUND, SPECIMEN, Mask, Pixels
from ml.imaging.decode import as_rgb, decode
from ml.imaging.header import MAX_PIXELS, ImageHeader, check_size, read_header
from ml.imaging.png import encode_png, read_png

__all__ = [
    "DecodedPhotograph",
    "ImageHeader",
    "Note",
    "encode_png",
    "fit_within",
    "read_header",
    "read_photograph",
    "read_png",
    "scaled_mask",
    "shape_within",
]

Note = Literal[
    "alpha-dropped",
    "grey-to-rgb",
    "palette-to-rgb",
    "cmyk-to-rgb",
    "16-bit-to-8-bit",
    "orientation-ignored",
]
"""What was changed, or left alone, on the way from the file to 8-bit RGB."""


@dataclass(frozen=True)
class DecodedPhotograph:
    """Pixels of a photograph, and codes that say what was changed to get them."""

    pixels: Pixels
    notes: tuple[Note, ...]


def read_photograph(data: bytes, *, max_pixels: int = MAX_PIXELS) -> DecodedPhotograph:
    """Return the pixels of a JPEG, PNG, TIFF, WebP or BMP as 8-bit RGB, rows as stored.

    EXIF orientation and colour profiles are not applied, transparency is dropped, 16 bits lose
    their lower 8, and of several pictures in a file the first is taken. The content decides the
    format, not the file's name.

    Args:
        data: the whole file.
        max_pixels: largest width × height that is decoded.

    Raises:
        UnreadableImage: the file is empty, no picture of an accepted kind, damaged or cut short,
            or larger than ``max_pixels``.
    """
    header = read_header(data)
    check_size(header, max_pixels)
    return DecodedPhotograph(as_rgb(decode(data, header), header), notes_of(header))


def fit_within(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the picture scaled down (area average) until its long side is at most ``side``.

    Args:
        picture: shape (height, width) or (height, width, 3), uint8. One that fits is returned
            itself. A scaled mask has soft edges.
        side: in pixels.
    """
    height, width = shape_within(picture.shape[:2], side)
    if (height, width) == picture.shape[:2]:
        return picture
    scaled = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return scaled.astype(np.uint8, copy=False)


def shape_within(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    """Return (height, width) scaled down until neither is above ``side``; small ones stay."""
    height, width = shape
    scale = min(1.0, side / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def scaled_mask(mask: Mask, shape: tuple[int, int]) -> Mask:
    """Return a mask in the size of a picture: specimen where more than half of a pixel is.

    Args:
        mask: shape (height, width), uint8: 255 specimen, 0 background.
        shape: (height, width) of the picture, which shows the same at another scale.
    """
    if mask.shape == shape:
        return mask
    scaled = cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_AREA)
    return np.where(scaled > 127, SPECIMEN, BACKGROUND).astype(np.uint8)


def notes_of(header: ImageHeader) -> tuple[Note, ...]:
    """Return what reading a file with this header changes, or leaves alone."""
    changes: dict[Note, bool] = {
        "alpha-dropped": header.alpha,
        "grey-to-rgb": header.mode == "grey",
        "palette-to-rgb": header.mode == "palette",
        "cmyk-to-rgb": header.mode == "cmyk",
        "16-bit-to-8-bit": header.bits > 8,
        "orientation-ignored": header.orientation != 1,
    }
    return tuple(note for note, happened in changes.items() if happened)
