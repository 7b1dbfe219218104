"""Decoding a picture to channels as they are stored: no rotation, no colour management.

Each format is read by the decoder that leaves orientation alone and refuses files that are cut
short. OpenCV and Pillow rotate TIFF even when told not to; Pillow's JPEG and WebP are right but
take half as long again as libjpeg-turbo and libwebp by imagecodecs, whose PNG decoder in turn
releases one reference too many for each damaged file, until the interpreter aborts.
"""

import io
import zlib
from collections.abc import Callable

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import BmpImagePlugin, Image, JpegImagePlugin, PngImagePlugin

from ml.errors import UnreadableImage
from ml.imaging import tiff
from ml.imaging.arrays import Pixels
from ml.imaging.header import DECODING_ERRORS, Format, ImageHeader, damaged, png_chunks
from ml.imaging.tiff import Channels

MOST_GROWTH = 200
"""How many times its packed size a picture may unpack to; photographs reach about 30."""
FREE_BYTES = 300_000_000
"""Which any picture may unpack to, such as an empty sheet."""
_END_OF_JPEG = b"\xff\xd9"


def decode(data: bytes, header: ImageHeader) -> NDArray[np.uint8]:
    """Return the channels as (height, width, channels) uint8.

    Channels are grey, RGB, or CMYK (255 full ink), then alpha where the header says so; palettes
    are looked up, values of more than 8 bits lose their low bits, fewer are spread over 0…255.

    Raises:
        UnreadableImage: the file is damaged or cut short.
    """
    return in_8_bits(decode_stored(data, header), header)


def check(data: bytes, header: ImageHeader) -> None:
    """Read everything that is compressed, as ``decode`` does, and keep nothing.

    Of a JPEG an eighth of each side is made: finding the coefficients is where damage shows, and
    making all pixels of them is half of the work.

    Raises:
        UnreadableImage: the file is damaged or cut short.
    """
    if header.format != "JPEG":
        decode_stored(data, header)
        return
    _check_growth(data, header)
    try:
        picture = _complete_jpeg(data)
        picture.draft(None, (header.width // 8, header.height // 8))
        picture.load()
    except DECODING_ERRORS as error:
        raise damaged("JPEG") from error


def in_8_bits(channels: Channels, header: ImageHeader) -> NDArray[np.uint8]:
    """Return what ``decode_stored`` returned without the low bits that are too many."""
    if channels.dtype != np.uint8:
        channels = (channels >> (header.bits - 8)).astype(np.uint8)
    return np.ascontiguousarray(channels)


def decode_stored(data: bytes, header: ImageHeader) -> Channels:
    """Return what ``decode`` returns, but with the 16 bits that some files have.

    Raises:
        UnreadableImage: the file is damaged or cut short.
    """
    _check_growth(data, header)
    try:
        channels = _DECODERS[header.format](data, header)
    except DECODING_ERRORS as error:
        raise damaged(header.format) from error
    count = header.colours + header.alpha
    channels = channels.reshape(*channels.shape[:2], -1)[..., :count]
    if channels.shape != (header.height, header.width, count):
        raise damaged(header.format)
    return channels


def _check_growth(data: bytes, header: ImageHeader) -> None:
    """Refuse what is small and would fill the memory, as no photograph does."""
    unpacked = header.width * header.height * (header.colours + header.alpha)
    if header.format != "TIFF" and unpacked > MOST_GROWTH * len(data) + FREE_BYTES:
        raise UnreadableImage(
            "The picture would unpack to {megabytes} MB, far more than is packed, as no "
            "photograph does.",
            megabytes=unpacked // 1_000_000,
        )


def as_rgb(channels: NDArray[np.uint8], header: ImageHeader) -> Pixels:
    """Return what ``decode`` returned as (height, width, 3) RGB, without alpha.

    Inks multiply what they let through; no colour profile is used.
    """
    if header.mode == "grey":
        return np.repeat(channels[..., :1], 3, axis=2)
    if header.mode == "cmyk":
        colours, black = 255 - channels[..., :3], 255 - channels[..., 3:4]
        return ((colours.astype(np.uint16) * black + 127) // 255).astype(np.uint8)
    return np.ascontiguousarray(channels[..., :3])


def _jpeg(data: bytes, header: ImageHeader) -> Channels:
    _complete_jpeg(data)
    channels: NDArray[np.uint8] = imagecodecs.jpeg8_decode(data)
    # Adobe stores CMYK inverted; Pillow and the browsers take every CMYK JPEG so.
    return ~channels if header.mode == "cmyk" else channels


def _complete_jpeg(data: bytes) -> JpegImagePlugin.JpegImageFile:
    stream = io.BytesIO(data)
    picture = JpegImagePlugin.JpegImageFile(stream)  # reads as far as the compressed pixels
    # Decoders fill what is missing with grey and say nothing, so the end is looked for.
    if data.find(_END_OF_JPEG, stream.tell()) < 0:
        raise EOFError("the end marker is missing")
    return picture


def _png(data: bytes, header: ImageHeader) -> Channels:
    for name, content, checksum in png_chunks(data):
        # Pillow skips this check, and so shows wrong pixels where a bit has fallen over.
        if name == b"IDAT" and zlib.crc32(content, zlib.crc32(name)) != checksum:
            raise ValueError("a checksum is wrong")
    return _by_pillow(PngImagePlugin.PngImageFile(io.BytesIO(data)), header)


def _webp(data: bytes, header: ImageHeader) -> Channels:
    channels: Channels = imagecodecs.webp_decode(data, hasalpha=header.alpha)
    return channels


def _bmp(data: bytes, header: ImageHeader) -> Channels:
    return _by_pillow(BmpImagePlugin.BmpImageFile(io.BytesIO(data)), header)


def _by_pillow(opened: Image.Image, header: ImageHeader) -> Channels:
    if opened.mode == "I;16":
        return np.array(opened)  # converting would clip it
    wanted = ("L" if header.mode == "grey" else "RGB") + ("A" if header.alpha else "")
    return np.array(opened if opened.mode == wanted else opened.convert(wanted))


def _tiff(data: bytes, header: ImageHeader) -> Channels:
    shape = header.height, header.width, header.colours + header.alpha
    whole: Channels = np.empty(shape, np.uint16) if header.bits > 8 else np.empty(shape, np.uint8)
    for band in tiff.bands(io.BytesIO(data), header):
        whole[band.top : band.top + len(band.channels)] = band.channels
    return whole


_DECODERS: dict[Format, Callable[[bytes, ImageHeader], Channels]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "TIFF": _tiff,
    "WebP": _webp,
    "BMP": _bmp,
}
