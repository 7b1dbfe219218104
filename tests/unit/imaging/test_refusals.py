"""Files that cannot be used are refused with a sentence of their own, and fast."""

import io
import struct
import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from ml.errors import UnreadableImage
from ml.imaging.header import read_whole
from ml.imaging.photograph import OpenPhotograph
from ml.imaging.png import read_png
from ml.imaging.read import read_photograph
from tests.unit.imaging.pictures import RGB, SAMPLES, Sample, png_claiming, saved, tiff

DAMAGED = "The {} file is damaged or cut short. Copy it again from where it came from."
ACCEPTED = "JPEG, PNG, TIFF, WebP and BMP pictures are accepted."
JPEG = saved(Image.fromarray(RGB), "JPEG")
PNG = saved(Image.fromarray(RGB), "PNG")
TWO_SIZES = png_claiming(30_000, 30_000)[:-12] + png_claiming(4, 4)[8:]
"""Decoders take the first header, and whoever reads all of them the last."""
RAW = tiff(RGB, photometric="rgb", subfiletype=1)
FLOAT_TIFF = tiff(RGB.astype(np.float32), photometric="rgb")
LAB_TIFF = tiff(RGB, photometric="cielab")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty. Copy it again from where it came from."),
        (
            "蛾 Moths, first draft\r\n".encode(),
            f"The file holds text, not a picture, whatever its name says. {ACCEPTED}",
        ),
        (
            saved(Image.fromarray(RGB), "GIF"),
            f"The content of the file is of no kind that can be read, whatever its name says. "
            f"{ACCEPTED}",
        ),
        (
            b"RIFF\x24\0\0\0WAVEfmt ",
            f"The content of the file is of no kind that can be read, whatever its name says. "
            f"{ACCEPTED}",
        ),
        (JPEG[: len(JPEG) // 2], DAMAGED.format("JPEG")),
        (JPEG[:-2], DAMAGED.format("JPEG")),
        (JPEG[:4], DAMAGED.format("JPEG")),
        (PNG[: len(PNG) // 2], DAMAGED.format("PNG")),
        (b"BMoths are not bitmaps", DAMAGED.format("BMP")),
        (b"II*\0" + bytes(20), DAMAGED.format("TIFF")),
        (b"RIFF\x24\0\0\0WEBPVP8 ", DAMAGED.format("WebP")),
        (TWO_SIZES, DAMAGED.format("PNG")),
        (png_claiming(0, 10), DAMAGED.format("PNG")),
        (
            png_claiming(30_000, 30_000),
            "The picture has 30000 × 30000 pixels, more than the limit of 500 megapixels. "
            "Make it smaller and hand it in again.",
        ),
        (
            RAW,
            "The file is a camera's raw file. Develop it first, and hand in the TIFF or JPEG.",
        ),
        (
            FLOAT_TIFF,
            "The TIFF stores its colours in a way that cannot be read. "
            "Save it as RGB with 8 or 16 bits per channel.",
        ),
        (
            LAB_TIFF,
            "The TIFF stores its colours in a way that cannot be read. "
            "Save it as RGB with 8 or 16 bits per channel.",
        ),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_each_refusal_has_its_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableImage) as refusal:
        read_photograph(data)

    assert str(refusal.value) == sentence


def _webp_bomb() -> bytes:
    canvas = (16_382).to_bytes(3, "little") * 2
    return b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + canvas


def _tiff_bomb() -> bytes:
    data = tiff(np.zeros((16, 16, 3), np.uint8), photometric="rgb")
    for tag in (256, 257):
        small, huge = (struct.pack("<HHII", tag, 4, 1, size) for size in (16, 30_000))
        data = data.replace(small, huge)
    return data


def _bmp_bomb() -> bytes:
    data = bytearray(saved(Image.fromarray(RGB), "BMP"))
    data[18:26] = (30_000).to_bytes(4, "little") * 2
    return bytes(data)


def _jpeg_bomb() -> bytes:
    at = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:at] + b"\xea\x60\xea\x60" + JPEG[at + 4 :]


@pytest.mark.parametrize(
    "bomb",
    [lambda: png_claiming(30_000, 30_000), _jpeg_bomb, _tiff_bomb, _webp_bomb, _bmp_bomb],
    ids=["PNG", "JPEG", "TIFF", "WebP", "BMP"],
)
def test_a_bomb_is_refused_before_it_is_decoded(bomb: Callable[[], bytes]) -> None:
    data = bomb()
    started = time.perf_counter()

    with pytest.raises(UnreadableImage, match="more than the limit of 250 megapixels"):
        read_photograph(data, max_pixels=250_000_000)  # WebP can be no larger than 268

    assert time.perf_counter() - started < 0.1


@pytest.mark.parametrize("samples", [0, 1, 2])
def test_a_tiff_with_fewer_channels_than_colours_is_damaged(samples: int) -> None:
    data = tiff(RGB, photometric="rgb")
    told = struct.pack("<HHIHH", 277, 3, 1, 3, 0)
    assert told in data
    fewer = data.replace(told, struct.pack("<HHIHH", 277, 3, 1, samples, 0))
    with pytest.raises(UnreadableImage, match="damaged"):
        OpenPhotograph(io.BytesIO(fewer)).within(16)


def test_the_limit_itself_is_still_read() -> None:
    height, width = RGB.shape[:2]
    assert read_photograph(PNG, max_pixels=height * width).pixels.shape == RGB.shape
    with pytest.raises(UnreadableImage, match="53 × 37"):
        read_photograph(PNG, max_pixels=height * width - 1)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_file_cut_short_is_refused_or_complete(sample: Sample) -> None:
    refused = 0
    cuts = np.linspace(1, len(sample.data) - 1, 40, dtype=int)
    for cut in cuts:
        try:
            photograph = read_photograph(sample.data[:cut])
        except UnreadableImage:
            refused += 1
        else:
            np.testing.assert_array_equal(photograph.pixels, sample.pixels)
    assert refused >= len(cuts) // 2


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_damage_anywhere_never_gives_another_error(sample: Sample) -> None:
    random = np.random.default_rng(len(sample.data))
    for _ in range(40):
        data = bytearray(sample.data)
        for at in random.integers(0, len(data), random.integers(1, 8)):
            data[at] = random.integers(256)
        try:
            pixels = read_photograph(bytes(data), max_pixels=100_000).pixels
        except UnreadableImage:
            continue
        assert pixels.ndim == 3


def test_a_bit_that_fell_over_in_a_png_is_found() -> None:
    start, end = PNG.index(b"IDAT") + 4, PNG.index(b"IEND") - 4
    for at in range(start, end, 97):
        data = bytearray(PNG)
        data[at] ^= 1
        with pytest.raises(UnreadableImage):
            read_photograph(bytes(data))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"no PNG", "text"),
        (PNG[:200], "damaged"),
        (JPEG, "damaged"),
        (png_claiming(30_000, 30_000), "500 megapixels"),
    ],
    ids=["empty", "text", "cut short", "JPEG", "bomb"],
)
def test_what_is_no_png_of_ours_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(UnreadableImage, match=problem):
        read_png(data)


def test_of_a_file_that_is_no_picture_only_the_beginning_is_read() -> None:
    film = io.BytesIO(b"RIFF\x24\0\0\0AVI LIST" + bytes(1_000_000))
    with pytest.raises(UnreadableImage):
        read_whole(film)
    assert film.tell() < 2000
    assert read_whole(io.BytesIO(PNG)) == PNG
