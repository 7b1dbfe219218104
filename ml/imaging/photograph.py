"""A photograph of any size: its pixels are read as far as they are asked for."""

import io
from collections.abc import Iterator
from functools import cached_property
from typing import IO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import JpegImagePlugin

from ml.imaging import tiff
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.decode import as_rgb, check, decode, in_8_bits
from ml.imaging.header import DECODING_ERRORS, MAX_PIXELS, check_size, damaged, header_of
from ml.imaging.read import Note, fit_within, notes_of, shape_within

ROWS_AT_ONCE = 64
"""Rows that are averaged together: few, because each is weighed for each row of the result."""


class OpenPhotograph:
    """A photograph in a file that is open for reading and seeking.

    A TIFF is read a band of rows after the other, so that memory depends on what is asked for and
    not on the file. Other kinds are decoded as a whole. Pixels are those of ``read_photograph``.

    Args:
        file: at its start; it has to stay open as long as pixels are asked for.
        max_pixels: largest width × height that is accepted.

    Raises:
        UnreadableImage: the file is empty, no picture of an accepted kind, or larger than
            ``max_pixels``; from the methods also: it is damaged or cut short.
    """

    def __init__(self, file: IO[bytes], max_pixels: int = MAX_PIXELS) -> None:
        """Read the header; no pixel is decoded yet."""
        self.file = file
        self.header = header_of(file)
        check_size(self.header, max_pixels)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was changed, or left alone, on the way from the file to 8-bit RGB."""
        return notes_of(self.header)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels, as stored."""
        return self.header.height, self.header.width

    def check(self) -> None:
        """Decode everything once and keep nothing.

        Raises:
            UnreadableImage: the file is damaged or cut short.
        """
        if self.header.format != "TIFF":
            check(self._data, self.header)
            return
        for _ in self._bands(0, self.header.height):
            pass

    def whole(self) -> Pixels:
        """Return all pixels: shape (height, width, 3), uint8 RGB."""
        if self.header.format == "TIFF":
            return self.region(Box(0, 0, self.header.width, self.header.height))
        return self._pixels

    def region(self, box: Box) -> Pixels:
        """Return the pixels in a box as an array of their own: (height, width, 3), uint8 RGB.

        Args:
            box: in pixels of the photograph as stored; wholly inside it.

        Raises:
            ValueError: the box leaves the photograph.
        """
        if box.clamped(self.header.width, self.header.height) != box:
            raise ValueError(f"{box} leaves the photograph of {self.header.width} columns")
        if self.header.format != "TIFF":
            return box.cut(self._pixels).copy()
        cut = np.empty((box.height, box.width, 3), np.uint8)
        for top, pixels in self._bands(box.top, box.bottom):
            first, last = max(top, box.top), min(top + len(pixels), box.bottom)
            rows = pixels[first - top : last - top, box.left : box.right]
            cut[first - box.top : last - box.top] = rows
        return cut

    def within(self, side: int) -> Pixels:
        """Return the photograph scaled down until its long side is at most ``side`` pixels.

        Each pixel is the average of the area it stands for; JPEG comes from its own scaled-down
        decoder, which averages alike.
        """
        shape = shape_within(self.shape, side)
        if self.header.format == "TIFF" and shape != self.shape:
            return self._averaged(*shape)
        if (
            self.header.format == "JPEG"
            and self.header.mode != "cmyk"
            and self.header.width >= 2 * shape[1]
        ):
            return self._draft(*shape)
        return fit_within(self.whole(), side)

    @cached_property
    def _data(self) -> bytes:
        self.file.seek(0)
        return self.file.read()

    @cached_property
    def _pixels(self) -> Pixels:
        return as_rgb(decode(self._data, self.header), self.header)

    def _bands(self, top: int, bottom: int) -> Iterator[tuple[int, Pixels]]:
        try:
            for band in tiff.bands(self.file, self.header, top, bottom):
                channels = in_8_bits(band.channels, self.header)
                yield band.top, as_rgb(channels, self.header)
        except DECODING_ERRORS as error:
            raise damaged("TIFF") from error

    def _averaged(self, height: int, width: int) -> Pixels:
        result = np.empty((height, width, 3), np.uint8)
        scale = height / self.header.height
        carried: NDArray[np.float32] | float = 0.0
        for top, pixels in self._slices():
            narrow = cv2.resize(pixels, (width, len(pixels)), interpolation=cv2.INTER_AREA)
            edges = np.arange(top, top + len(pixels) + 1) * scale
            first, last = int(edges[0]), min(height, int(np.ceil(edges[-1])))
            # How much of each row lies in each row of the result.
            rows = np.arange(first, last)[:, None]
            shares = np.minimum(edges[1:], rows + 1) - np.maximum(edges[:-1], rows)
            shares = np.clip(shares, 0, None).astype(np.float32)
            sums = np.tensordot(shares, narrow.astype(np.float32), 1)
            sums[0] += carried
            # The last row may be half there; then the next slice completes it.
            result[first:last] = np.clip(np.rint(sums), 0, 255)
            carried = sums[-1] if edges[-1] < last else 0.0
        return result

    def _slices(self) -> Iterator[tuple[int, Pixels]]:
        for top, pixels in self._bands(0, self.header.height):
            for start in range(0, len(pixels), ROWS_AT_ONCE):
                yield top + start, pixels[start : start + ROWS_AT_ONCE]

    def _draft(self, height: int, width: int) -> Pixels:
        try:
            picture = JpegImagePlugin.JpegImageFile(io.BytesIO(self._data))
            picture.draft(None, (width, height))
            pixels = np.array(picture.convert("RGB"))
        except DECODING_ERRORS as error:
            raise damaged("JPEG") from error
        return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA))
