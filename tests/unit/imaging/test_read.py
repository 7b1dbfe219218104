"""Photographs come as stored, whatever the file: format × kind of pixel."""

import numpy as np
import pytest
from PIL import Image

from ml.imaging.png import encode_png, read_png
from ml.imaging.read import fit_within, read_header, read_photograph
from tests.unit.imaging.pictures import (
    HEIGHT,
    ORIENTATION_TAG,
    RGB,
    SAMPLES,
    WIDTH,
    Sample,
    by_pillow,
    oriented,
    saved,
)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_kind_of_file_gives_its_pixels_and_says_what_was_changed(sample: Sample) -> None:
    photograph = read_photograph(sample.data)

    assert photograph.pixels.dtype == np.uint8
    assert photograph.pixels.flags.c_contiguous
    assert photograph.pixels.flags.writeable
    np.testing.assert_array_equal(photograph.pixels, sample.pixels)
    assert photograph.notes == sample.notes


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_header_tells_the_size_without_decoding(sample: Sample) -> None:
    header = read_header(sample.data)

    assert (header.width, header.height) == (WIDTH, HEIGHT)
    assert sample.name.startswith(header.format)
    assert (header.bits > 8) == ("16-bit-to-8-bit" in sample.notes)


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_orientation_is_noted_and_never_applied(kind: str, orientation: int) -> None:
    turned, upright = oriented(kind, orientation), oriented(kind, 1)

    photograph = read_photograph(turned)

    assert read_header(turned).orientation == orientation
    assert photograph.notes == ("orientation-ignored",)
    assert read_photograph(upright).notes == ()
    expected = by_pillow(upright) if kind == "JPEG" else RGB
    np.testing.assert_array_equal(photograph.pixels, expected)


def test_an_orientation_that_does_not_exist_is_taken_as_none() -> None:
    assert read_photograph(oriented("JPEG", 9)).notes == ()


def test_orientation_behind_the_pixels_of_a_png_is_noted() -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 6
    data = oriented("PNG", 6)
    start = data.index(b"eXIf") - 4
    chunk = data[start : start + 12 + int.from_bytes(data[start : start + 4], "big")]
    end = data.replace(chunk, b"").replace(b"\0\0\0\0IEND", chunk + b"\0\0\0\0IEND")

    assert end.index(b"eXIf") > end.index(b"IDAT")
    assert read_photograph(end).notes == ("orientation-ignored",)


def test_ink_of_a_cmyk_jpeg_is_not_inverted() -> None:
    paper_and_ink = Image.new("CMYK", (32, 16), (0, 0, 0, 0))
    paper_and_ink.paste((0, 255, 255, 0), (16, 0, 32, 16))

    pixels = read_photograph(saved(paper_and_ink, "JPEG", quality=100)).pixels

    np.testing.assert_allclose(pixels[8, 2], (255, 255, 255), atol=3)
    np.testing.assert_allclose(pixels[8, 30], (255, 0, 0), atol=3)


def test_the_content_decides_and_later_bytes_do_not_matter() -> None:
    data = saved(Image.fromarray(RGB), "PNG") + b"trailing bytes of a careless program"

    np.testing.assert_array_equal(read_photograph(data).pixels, RGB)


@pytest.mark.parametrize("channels", [3, 4])
def test_own_png_come_back_exactly(channels: int) -> None:
    picture = np.random.default_rng(channels).integers(0, 256, (31, 47, channels), dtype=np.uint8)

    np.testing.assert_array_equal(read_png(encode_png(picture)), picture[..., :3])


@pytest.mark.parametrize(
    ("height", "width", "side", "expected"),
    [
        (100, 200, 50, (25, 50)),
        (200, 100, 50, (50, 25)),
        (40, 50, 50, (40, 50)),
        (1, 1000, 100, (1, 100)),
    ],
)
def test_fit_within_shrinks_the_long_side_and_never_enlarges(
    height: int, width: int, side: int, expected: tuple[int, int]
) -> None:
    mask = np.full((height, width), 255, np.uint8)
    pixels = np.full((height, width, 3), 7, np.uint8)

    assert fit_within(mask, side).shape == expected
    assert fit_within(pixels, side).shape == (*expected, 3)
    assert (fit_within(pixels, side) == 7).all()


def test_fit_within_averages() -> None:
    stripes = np.tile(np.array([0, 200], np.uint8), (8, 4))

    assert (fit_within(stripes, 4) == 100).all()
