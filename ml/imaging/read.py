"""Reading photographs exactly as they are stored."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Pixels
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
    return DecodedPhotograph(as_rgb(decode(data, header), header), _notes(header))


def fit_within(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the picture scaled down (area average) until its long side is at most ``side``.

    Args:
        picture: shape (height, width) or (height, width, 3), uint8. One that fits is returned
            itself. A scaled mask has soft edges.
        side: in pixels.
    """
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _notes(header: ImageHeader) -> tuple[Note, ...]:
    changes: dict[Note, bool] = {
        "alpha-dropped": header.alpha,
        "grey-to-rgb": header.mode == "grey",
        "palette-to-rgb": header.mode == "palette",
        "cmyk-to-rgb": header.mode == "cmyk",
        "16-bit-to-8-bit": header.bits > 8,
        "orientation-ignored": header.orientation != 1,
    }
    return tuple(note for note, happened in changes.items() if happened)
