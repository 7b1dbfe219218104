"""Reading photographs exactly as they are stored."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.errors import UnreadableImage
from ml.imaging.arrays import Pixels


@dataclass(frozen=True)
class DecodedPhotograph:
    """Pixels of a photograph, and codes that say what was changed to get them."""

    pixels: Pixels
    notes: tuple[str, ...]


def read_photograph(data: bytes, *, max_pixels: int = 250_000_000) -> DecodedPhotograph:
    """Return the pixels as stored, as 8-bit RGB."""
    try:
        picture = Image.open(io.BytesIO(data))
        if picture.width * picture.height > max_pixels:
            raise UnreadableImage("The picture is too large.")
        return DecodedPhotograph(np.asarray(picture.convert("RGB")), ())
    except OSError as error:
        raise UnreadableImage("The file is no picture that can be read.") from error


def read_png(data: bytes) -> Pixels:
    """Return the (height, width, 3) uint8 RGB pixels that ``encode_png`` wrote."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return (height, width, 3) RGB or (height, width, 4) RGBA uint8 pixels as PNG."""
    code = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    swapped = cv2.cvtColor(pixels, code)
    return cv2.imencode(".png", swapped, (cv2.IMWRITE_PNG_COMPRESSION, 1))[1].tobytes()


def fit_within(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the picture scaled down (area average) until its long side is at most ``side``."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
