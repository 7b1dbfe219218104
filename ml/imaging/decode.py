"""Decoding a picture to channels as they are stored: no rotation, no colour management.

Each format is read by the decoder that leaves orientation alone and refuses files that are cut
short: imagecodecs (libjpeg-turbo, libpng, libwebp), tifffile, and Pillow for BMP. OpenCV and
Pillow rotate TIFF even when told not to.
"""

import io
from collections.abc import Callable

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import BmpImagePlugin, JpegImagePlugin

from ml.imaging.header import DECODING_ERRORS, Format, ImageHeader, damaged

Channels = NDArray[np.uint8] | NDArray[np.uint16]

_END_OF_JPEG = b"\xff\xd9"


def decode(data: bytes, header: ImageHeader) -> NDArray[np.uint8]:
    """Return the channels as (height, width, channels) uint8.

    Channels are grey, RGB, or CMYK (255 full ink), then alpha where the header says so; palettes
    are looked up, values of more than 8 bits lose their low bits, fewer are spread over 0…255.

    Raises:
        UnreadableImage: the file is damaged or cut short.
    """
    try:
        channels = _DECODERS[header.format](data, header)
    except DECODING_ERRORS as error:
        raise damaged(header.format) from error
    if channels.shape[:2] != (header.height, header.width):
        raise damaged(header.format)
    if channels.dtype != np.uint8:
        channels = (channels >> (header.bits - 8)).astype(np.uint8)
    return np.ascontiguousarray(channels.reshape(header.height, header.width, -1))


def _jpeg(data: bytes, header: ImageHeader) -> Channels:
    stream = io.BytesIO(data)
    opened = JpegImagePlugin.JpegImageFile(stream)
    # The decoder fills what is missing with grey and says nothing, so the end is looked for.
    if data.find(_END_OF_JPEG, stream.tell()) < 0:
        raise EOFError("the end marker is missing")
    channels: NDArray[np.uint8] = imagecodecs.jpeg8_decode(data)
    if header.mode == "cmyk" and "adobe" in opened.info:
        return ~channels  # Adobe stores CMYK inverted, against the JPEG standard
    return channels


def _png(data: bytes, _header: ImageHeader) -> Channels:
    channels: Channels = imagecodecs.png_decode(data)
    return channels


def _webp(data: bytes, header: ImageHeader) -> Channels:
    channels: Channels = imagecodecs.webp_decode(data, hasalpha=header.alpha)
    return channels


def _bmp(data: bytes, header: ImageHeader) -> Channels:
    opened = BmpImagePlugin.BmpImageFile(io.BytesIO(data))
    wanted = {"grey": "L"}.get(header.mode, "RGBA" if header.alpha else "RGB")
    return np.array(opened.convert(wanted))


def _tiff(data: bytes, header: ImageHeader) -> Channels:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        ends = (o + n for o, n in zip(page.dataoffsets, page.databytecounts, strict=True))
        # tifffile fills strips that lie beyond the end with zeros.
        if max(ends) > len(data) or not all(page.databytecounts):
            raise EOFError("strips are missing")
        channels: Channels = page.asarray()
    if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
        channels = np.moveaxis(channels.reshape(-1, header.height, header.width), 0, -1)
    channels = channels.reshape(header.height, header.width, -1)
    if header.mode == "palette":
        colours: NDArray[np.uint16] = page.colormap.T
        return (colours >> 8).astype(np.uint8)[channels[..., 0]]
    if header.bits < 8:
        channels = channels.astype(np.uint8) * (255 // (2**header.bits - 1))
    inverted = page.photometric == tifffile.PHOTOMETRIC.MINISWHITE
    return ~channels if inverted else channels


_DECODERS: dict[Format, Callable[[bytes, ImageHeader], Channels]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "TIFF": _tiff,
    "WebP": _webp,
    "BMP": _bmp,
}
