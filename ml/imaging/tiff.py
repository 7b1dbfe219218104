"""Pixels of a TIFF, a band of rows after the other, so that none has to be in memory as a whole."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
import tifffile
from numpy.typing import NDArray

from ml.imaging.header import ImageHeader

Channels = NDArray[np.uint8] | NDArray[np.uint16]

BAND_BYTES = 32 << 20
"""Uncompressed strips that are larger are read in pieces of this size. What is compressed comes
strip by strip or tile row by tile row, however large the program that wrote it has made them."""
_JPEG = (tifffile.COMPRESSION.JPEG, tifffile.COMPRESSION.OJPEG)


@dataclass(frozen=True)
class Band:
    """Whole rows of a picture.

    Args:
        top: number of the first row.
        channels: shape (rows, width, channels), uint8 or uint16: grey, RGB or CMYK, then alpha
            where there is one; palettes are looked up, fewer than 8 bits spread over 0…255.
    """

    top: int
    channels: Channels


def bands(file: IO[bytes], header: ImageHeader, top: int = 0, bottom: int = -1) -> Iterator[Band]:
    """Yield the bands that hold the rows from ``top`` to before ``bottom``, from the top down.

    A band may begin above ``top`` and end below ``bottom``.

    Args:
        file: open for reading and seeking.
        header: what ``read_header`` said of it.
        top: first row that is wanted.
        bottom: the row after the last one; -1 for all.

    Raises:
        One of ``header.DECODING_ERRORS``: the file is damaged or cut short.
    """
    bottom = header.height if bottom < 0 else bottom
    file.seek(0)
    with tifffile.TiffFile(file) as opened:
        page = opened.pages.first
        _check_complete(page, file.seek(0, io.SEEK_END))
        for first, channels in _stored(page, file, header, top, bottom):
            yield Band(first, _finished(channels, page, header))


def _check_complete(page: tifffile.TiffPage, size: int) -> None:
    # tifffile fills strips that lie beyond the end with zeros.
    ends = (o + n for o, n in zip(page.dataoffsets, page.databytecounts, strict=True))
    if max(ends) > size or not all(page.databytecounts):
        raise EOFError("strips are missing")
    if page.imagedepth != 1:
        raise ValueError("a picture has no depth")


def _stored(
    page: tifffile.TiffPage, file: IO[bytes], header: ImageHeader, top: int, bottom: int
) -> Iterator[tuple[int, Channels]]:
    height = page.tilelength if page.is_tiled else min(page.rowsperstrip, header.height)
    for first in range(top // height * height, bottom, height):
        rows = min(height, header.height - first)
        size = rows * header.width * page.samplesperpixel * page.bitspersample // 8
        if size > BAND_BYTES and _is_plain(page):
            yield from _pieces(page, file, header, max(top, first), min(first + rows, bottom))
        else:
            yield first, _decoded(page, file, header, first // height, rows)


def _is_plain(page: tifffile.TiffPage) -> bool:
    """Whether the bytes of a strip are its rows, one after the other."""
    return bool(
        page.compression == tifffile.COMPRESSION.NONE
        and page.predictor == 1
        and page.fillorder == 1
        and page.bitspersample in (8, 16)
        and page.planarconfig == tifffile.PLANARCONFIG.CONTIG
        and not page.is_tiled
    )


def _pieces(
    page: tifffile.TiffPage, file: IO[bytes], header: ImageHeader, top: int, bottom: int
) -> Iterator[tuple[int, Channels]]:
    """Read rows of one plain strip."""
    dtype = np.dtype(f"{page.parent.byteorder}u{page.bitspersample // 8}")
    row = header.width * page.samplesperpixel * dtype.itemsize
    at_once = max(1, BAND_BYTES // row)
    strip, above = divmod(top, page.rowsperstrip)
    start = page.dataoffsets[strip] + above * row
    for first in range(top, bottom, at_once):
        rows = min(at_once, bottom - first)
        file.seek(start + (first - top) * row)
        values = np.frombuffer(file.read(rows * row), dtype).astype(dtype.newbyteorder("="))
        yield first, values.reshape(rows, header.width, page.samplesperpixel)


def _decoded(
    page: tifffile.TiffPage, file: IO[bytes], header: ImageHeader, number: int, rows: int
) -> Channels:
    """Decode the strip, or the row of tiles, of this number."""
    across = -(-header.width // page.tilewidth) if page.is_tiled else 1
    length = page.tilelength if page.is_tiled else min(page.rowsperstrip, header.height)
    per_plane = across * -(-header.height // length)
    planes = page.samplesperpixel if _is_planar(page) else 1
    shape = rows, header.width, page.samplesperpixel
    band: Channels = np.empty(shape, np.uint16) if header.bits > 8 else np.empty(shape, np.uint8)
    tables = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}
    options = tables if page.compression in _JPEG else {}
    for plane in range(planes):
        for place in range(across):
            index = plane * per_plane + number * across + place
            file.seek(page.dataoffsets[index])
            data = file.read(page.databytecounts[index])
            decoded, (_, _, _, left, _), _ = page.decode(data, index, **options)
            segment = np.asarray(decoded)
            part = band[:, left : left + segment.shape[2]]
            chosen = part[..., plane : plane + 1] if _is_planar(page) else part
            chosen[:] = segment[0, :rows, : part.shape[1]]
    return band


def _is_planar(page: tifffile.TiffPage) -> bool:
    return bool(page.planarconfig == tifffile.PLANARCONFIG.SEPARATE and page.samplesperpixel > 1)


def _finished(channels: Channels, page: tifffile.TiffPage, header: ImageHeader) -> Channels:
    if header.mode == "palette":
        colours = np.asarray(page.colormap, np.uint16).T
        return (colours >> 8).astype(np.uint8)[channels[..., 0]]
    if header.bits < 8:
        channels = channels.astype(np.uint8) * (255 // (2**header.bits - 1))
    channels = channels[..., : header.colours + header.alpha]
    inverted = page.photometric == tifffile.PHOTOMETRIC.MINISWHITE
    return ~channels if inverted else channels
