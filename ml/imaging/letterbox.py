"""Putting a crop of any shape into a square for the networks, and back."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Colour, Mask, Pixels

WHITE: Colour = (255, 255, 255)
WHITE_BANDS, CORNER_BANDS = "white", "corners"


@dataclass(frozen=True)
class Letterbox:
    """A crop of ``height`` × ``width`` pixels, scaled to fit and centred in a square.

    Args:
        height: rows of the crop.
        width: columns of the crop.
        side: length of the square in pixels.
    """

    height: int
    width: int
    side: int

    @property
    def scale(self) -> float:
        """Pixels of the square per pixel of the crop."""
        return self.side / max(self.height, self.width)

    @property
    def inner_height(self) -> int:
        """Rows that the crop takes in the square."""
        return max(1, round(self.height * self.scale))

    @property
    def inner_width(self) -> int:
        """Columns that the crop takes in the square."""
        return max(1, round(self.width * self.scale))

    @property
    def top(self) -> int:
        """First row of the square that the crop takes."""
        return (self.side - self.inner_height) // 2

    @property
    def left(self) -> int:
        """First column of the square that the crop takes."""
        return (self.side - self.inner_width) // 2

    def inner(self, square: np.ndarray) -> np.ndarray:
        """Return the part of a (side, side, …) square that the crop takes, as a view."""
        rows = slice(self.top, self.top + self.inner_height)
        return square[rows, self.left : self.left + self.inner_width]

    def pixels(self, pixels: Pixels, fill: Colour = WHITE) -> Pixels:
        """Return the crop as (side, side, 3) uint8, the bands beside it filled with a colour."""
        square = np.full((self.side, self.side, 3), fill, np.uint8)
        self.inner(square)[:] = self._fitted(pixels)
        return square

    def mask(self, mask: Mask) -> Mask:
        """Return the mask as (side, side), again only 0 and 255; the bands are background."""
        square = np.zeros((self.side, self.side), np.uint8)
        self.inner(square)[:] = np.where(self._fitted(mask) >= 128, 255, 0)
        return square

    def back(self, square: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (side, side) float32 values of the square at the crop's size, bilinearly.

        Result: shape (height, width), float32, in the range of the values given.
        """
        inner = np.ascontiguousarray(self.inner(square))
        resized = cv2.resize(inner, (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        return resized.astype(np.float32, copy=False)

    def _fitted(self, picture: NDArray[np.uint8]) -> np.ndarray:
        if picture.shape[:2] != (self.height, self.width):
            raise ValueError(
                f"{picture.shape} is not the {self.height} × {self.width} letter-boxed"
            )
        # Averaging keeps thin edges when shrinking; when growing it would be blocky.
        how = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_LINEAR
        return cv2.resize(picture, (self.inner_width, self.inner_height), interpolation=how)


def band_colour(padding: str, pixels: Pixels) -> Colour:
    """Return the colour of the bands beside a crop in its square.

    Args:
        padding: ``white``, ``corners`` (as in ``corner_colour``) or a colour as ``#rrggbb``.
        pixels: the crop, shape (height, width, 3), uint8.
    """
    if padding == CORNER_BANDS:
        return corner_colour(pixels)
    if padding == WHITE_BANDS:
        return WHITE
    red, green, blue = bytes.fromhex(padding.removeprefix("#"))
    return red, green, blue


def corner_colour(pixels: Pixels, patch: int = 10) -> Colour:
    """Return the median colour of the picture's four corners: a guess at its background.

    Args:
        pixels: shape (height, width, 3), uint8.
        patch: side of each corner in pixels.
    """
    corners = [
        band[:, part].reshape(-1, 3)
        for band in (pixels[:patch], pixels[-patch:])
        for part in (slice(None, patch), slice(-patch, None))
    ]
    red, green, blue = np.median(np.concatenate(corners), axis=0)
    return int(red), int(green), int(blue)
