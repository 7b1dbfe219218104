"""What a picture file says about itself, read without decoding its pixels."""

import io
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Literal

import tifffile
from PIL import BmpImagePlugin, Image, ImageFile, JpegImagePlugin

from ml.errors import UnreadableImage

Format = Literal["JPEG", "PNG", "TIFF", "WebP", "BMP"]
Mode = Literal["grey", "palette", "rgb", "cmyk"]

MAX_PIXELS = 500_000_000
"""Largest width × height that is decoded: 1.5 GB as RGB."""

DECODING_ERRORS = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError),
    *(AttributeError, RuntimeError, MemoryError, struct.error, tifffile.TiffFileError),
)
"""What the libraries raise on damaged bytes, found by feeding them such bytes."""

_START = 1024
"""Bytes at the beginning of a file that tell its kind."""
_ORIENTATION_TAG = 0x0112
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PILLOW_MODES: dict[str, Mode] = {"1": "grey", "L": "grey", "P": "palette", "CMYK": "cmyk"}


@dataclass(frozen=True)
class ImageHeader:
    """A picture's own description, as far as reading its pixels depends on it.

    Args:
        format: kind of file, told by its content.
        width: columns as stored, before any rotation.
        height: rows as stored, before any rotation.
        mode: what the channels mean.
        alpha: whether there is transparency beside the colours.
        bits: bits per channel of the stored values.
        orientation: EXIF orientation 1…8; 1 where the file says none.
    """

    format: Format
    width: int
    height: int
    mode: Mode
    alpha: bool
    bits: int
    orientation: int

    @property
    def colours(self) -> int:
        """Channels of colour once a palette is looked up; alpha is not counted."""
        return {"grey": 1, "palette": 3, "rgb": 3, "cmyk": 4}[self.mode]


def read_header(data: bytes) -> ImageHeader:
    """Return what the file says about itself; its pixels are not decoded.

    Raises:
        UnreadableImage: the bytes are none of the accepted kinds of picture, or the header is
            damaged.
    """
    return header_of(io.BytesIO(data))


def header_of(file: IO[bytes]) -> ImageHeader:
    """Return what ``read_header`` says of a file; of a TIFF the pixels are not even read.

    Args:
        file: at its start, open for reading and seeking.

    Raises:
        UnreadableImage: as ``read_header``.
    """
    found = _format(file.read(_START))
    file.seek(0)
    try:
        header = _tiff(file) if found == "TIFF" else _READERS[found](file.read())
    except UnreadableImage:
        raise
    except DECODING_ERRORS as error:
        raise damaged(found) from error
    if min(header.width, header.height) < 1:
        raise damaged(found)
    return header


def read_whole(file: IO[bytes]) -> bytes:
    """Return all bytes of a file that begins as a picture; of a film no more than that is read.

    Raises:
        UnreadableImage: the file is empty, or begins as none of the accepted kinds of picture.
    """
    _format(file.read(_START))
    file.seek(0)
    return file.read()


def check_size(header: ImageHeader, max_pixels: int = MAX_PIXELS) -> None:
    """Refuse a picture that is too large to be decoded.

    Raises:
        UnreadableImage: width × height is above ``max_pixels``.
    """
    if header.width * header.height > max_pixels:
        raise UnreadableImage(
            "The picture has {width} × {height} pixels, more than the limit of {limit} "
            "megapixels. Make it smaller and hand it in again.",
            width=header.width,
            height=header.height,
            limit=max_pixels // 1_000_000,
        )


def damaged(found: Format) -> UnreadableImage:
    """Return the error for a file of a known kind whose content cannot be decoded."""
    return UnreadableImage(
        "The {format} file is damaged or cut short. Copy it again from where it came from.",
        format=found,
    )


def png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, int]]:
    """Yield name, content and checksum (CRC-32 of both) of each chunk of a PNG.

    Raises:
        struct.error: the file ends within a chunk.
    """
    view, start = memoryview(data), len(_PNG_START)
    while start < len(data):
        length, name = struct.unpack_from(">I4s", data, start)
        (checksum,) = struct.unpack_from(">I", data, start + 8 + length)
        yield name, view[start + 8 : start + 8 + length], checksum
        if name == b"IEND":
            return
        start += length + 12


def _format(data: bytes) -> Format:
    for start, found in _SIGNATURES:
        if data.startswith(start) and (found != "WebP" or data[8:12] == b"WEBP"):
            return found
    if not data:
        raise UnreadableImage("The file is empty. Copy it again from where it came from.")
    if _is_text(data[:_START]):
        raise UnreadableImage(
            "The file holds text, not a picture, whatever its name says. "
            "JPEG, PNG, TIFF, WebP and BMP pictures are accepted."
        )
    raise UnreadableImage(
        "The content of the file is of no kind that can be read, whatever its name says. "
        "JPEG, PNG, TIFF, WebP and BMP pictures are accepted."
    )


def _is_text(start: bytes) -> bool:
    return not any(byte < 32 and byte not in b"\t\n\f\r" for byte in start)


def _jpeg(data: bytes) -> ImageHeader:
    return _by_pillow("JPEG", JpegImagePlugin.JpegImageFile(io.BytesIO(data)))


def _bmp(data: bytes) -> ImageHeader:
    return _by_pillow("BMP", BmpImagePlugin.BmpImageFile(io.BytesIO(data)))


def _by_pillow(found: Format, picture: ImageFile.ImageFile) -> ImageHeader:
    mode = _PILLOW_MODES.get(picture.mode, "rgb")
    alpha = picture.mode.endswith("A")
    orientation = _orientation(picture.getexif().get(_ORIENTATION_TAG))
    return ImageHeader(found, picture.width, picture.height, mode, alpha, 8, orientation)


def _webp(data: bytes) -> ImageHeader:
    # Pillow would set up a decoder for the whole canvas before its size can be judged.
    chunks = dict(_riff_chunks(data))
    width, height, alpha = _webp_size(chunks)
    orientation = _exif_orientation(chunks.get(b"EXIF", b""))
    return ImageHeader("WebP", width, height, "rgb", alpha, 8, orientation)


def _webp_size(chunks: dict[bytes, bytes]) -> tuple[int, int, bool]:
    if extended := chunks.get(b"VP8X"):
        width, height = (int.from_bytes(extended[at : at + 3], "little") + 1 for at in (4, 7))
        return width, height, bool(extended[0] & 0x10)
    if lossless := chunks.get(b"VP8L"):
        fields = int.from_bytes(lossless[1:5], "little")
        return (fields & 0x3FFF) + 1, (fields >> 14 & 0x3FFF) + 1, bool(fields >> 28 & 1)
    width, height = struct.unpack_from("<HH", chunks[b"VP8 "], 6)
    return width & 0x3FFF, height & 0x3FFF, False


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = 12
    while start + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, start)
        yield name, data[start + 8 : start + 8 + length]
        start += 8 + length + length % 2


def _png(data: bytes) -> ImageHeader:
    found = [(name, content) for name, content, _ in png_chunks(data)]
    if [name for name, _ in found].count(b"IHDR") > 1:  # decoders obey the one, we the other
        raise damaged("PNG")
    chunks = dict(found)
    width, height, bits, colour = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    mode: Mode = "palette" if colour == 3 else "rgb" if colour & 2 else "grey"
    orientation = _exif_orientation(bytes(chunks.get(b"eXIf", b"")))
    # Pillow looks at no transparent colour of 16 bits.
    alpha = bool(colour & 4) or (b"tRNS" in chunks and bits <= 8)
    return ImageHeader("PNG", width, height, mode, alpha, bits, orientation)


def _tiff(file: IO[bytes]) -> ImageHeader:
    start = file.read(10)
    file.seek(0)
    with tifffile.TiffFile(file) as opened:
        page = opened.pages.first
    if page.is_reduced or start[8:] == b"CR":
        raise UnreadableImage(
            "The file is a camera's raw file. Develop it first, and hand in the TIFF or JPEG."
        )
    mode = _TIFF_MODES.get(page.photometric)
    jpeg = page.compression in (tifffile.COMPRESSION.JPEG, tifffile.COMPRESSION.OJPEG)
    is_plain = page.photometric != tifffile.PHOTOMETRIC.YCBCR or jpeg
    if mode is None or not is_plain or str(page.dtype) not in ("bool", "uint8", "uint16"):
        raise UnreadableImage(
            "The TIFF stores its colours in a way that cannot be read. "
            "Save it as RGB with 8 or 16 bits per channel."
        )
    colours = {"grey": 1, "palette": 1, "rgb": 3, "cmyk": 4}[mode]
    if page.samplesperpixel < colours:
        raise damaged("TIFF")
    alpha = page.samplesperpixel > colours
    orientation = _orientation(page.tags.valueof(_ORIENTATION_TAG))
    # Damaged tags can hold anything: int() refuses what is no number.
    size = int(page.imagewidth), int(page.imagelength)
    return ImageHeader("TIFF", *size, mode, alpha, int(page.bitspersample), orientation)


def _exif_orientation(block: bytes) -> int:
    exif = Image.Exif()
    exif.load(block)
    return _orientation(exif.get(_ORIENTATION_TAG))


def _orientation(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


_SIGNATURES: tuple[tuple[bytes, Format], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (_PNG_START, "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"RIFF", "WebP"),
    (b"BM", "BMP"),
)
_READERS: dict[Format, Callable[[bytes], ImageHeader]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WebP": _webp,
    "BMP": _bmp,
}
_TIFF_MODES: dict[int, Mode] = {
    tifffile.PHOTOMETRIC.MINISWHITE: "grey",
    tifffile.PHOTOMETRIC.MINISBLACK: "grey",
    tifffile.PHOTOMETRIC.RGB: "rgb",
    tifffile.PHOTOMETRIC.PALETTE: "palette",
    tifffile.PHOTOMETRIC.SEPARATED: "cmyk",
    tifffile.PHOTOMETRIC.YCBCR: "rgb",
}
