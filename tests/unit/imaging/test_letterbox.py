import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.imaging.letterbox import Letterbox, band_colour, corner_colour

lengths = st.integers(1, 300)


def disc(height: int, width: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    distance = ((rows - height / 2) / height) ** 2 + ((columns - width / 2) / width) ** 2
    return np.where(distance < 0.16, 255, 0).astype(np.uint8)


@given(lengths, lengths, st.integers(1, 300))
def test_every_size_fits_and_is_centred(height: int, width: int, side: int) -> None:
    box = Letterbox(height, width, side)
    pixels = np.zeros((height, width, 3), np.uint8)

    square = box.pixels(pixels, (255, 0, 255))

    filled = (square == (255, 0, 255)).all(axis=2)
    assert square.shape == (side, side, 3)
    assert max(box.inner_height, box.inner_width) == side
    assert (~filled).sum() == box.inner_height * box.inner_width
    assert abs(box.top - (side - box.inner_height - box.top)) <= 1
    assert abs(box.left - (side - box.inner_width - box.left)) <= 1
    assert box.back(np.zeros((side, side), np.float32)).shape == (height, width)


@pytest.mark.parametrize(("height", "width"), [(400, 600), (600, 400), (90, 100), (256, 256)])
def test_a_mask_comes_back_where_it_was(height: int, width: int) -> None:
    mask = disc(height, width)
    box = Letterbox(height, width, 256)

    square = box.mask(mask)
    back = box.back(square.astype(np.float32)) >= 127.5

    assert set(np.unique(square)) == {0, 255}
    agreeing = (back == (mask > 0)).mean()
    assert agreeing > 0.99


def test_the_square_of_a_square_is_itself() -> None:
    random = np.random.default_rng(1)
    pixels = random.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    values = random.random((64, 64), dtype=np.float32)
    box = Letterbox(64, 64, 64)

    np.testing.assert_array_equal(box.pixels(pixels), pixels)
    np.testing.assert_array_equal(box.back(values), values)


def test_back_is_bilinear_and_float() -> None:
    ramp = np.tile(np.arange(8, dtype=np.float32), (8, 1))

    back = Letterbox(16, 16, 8).back(ramp)

    assert back.dtype == np.float32
    np.testing.assert_allclose(np.diff(back[4, 1:-1]), 0.5)


def test_a_picture_of_another_size_is_an_error() -> None:
    with pytest.raises(ValueError, match="10 × 20"):
        Letterbox(10, 20, 32).pixels(np.zeros((20, 10, 3), np.uint8))


def test_corner_colour_ignores_what_lies_in_one_corner() -> None:
    pixels = np.full((60, 80, 3), (200, 190, 180), np.uint8)
    pixels[:10, :10] = 0
    pixels[20:40, 20:60] = 0

    assert corner_colour(pixels) == (200, 190, 180)
    assert corner_colour(pixels[:4, 20:24]) == (200, 190, 180)


@pytest.mark.parametrize(
    ("padding", "colour"),
    [("white", (255, 255, 255)), ("corners", (9, 8, 7)), ("#0a10ff", (10, 16, 255))],
)
def test_bands_are_filled_as_a_source_says(padding: str, colour: tuple[int, int, int]) -> None:
    assert band_colour(padding, np.full((40, 30, 3), (9, 8, 7), np.uint8)) == colour
