import cv2
import numpy as np
import pytest

from ml.errors import UnreadableImage
from ml.imaging.letterbox import Letterbox
from ml.imaging.png import encode_png
from ml.imaging.probability import decode_probability, encode_probability


def soft_square(side: int = 64) -> np.ndarray:
    """A disc with a wide soft edge, and the noise of a network that calculates in 16 bits."""
    disc = cv2.circle(np.zeros((side, side), np.float32), (side // 2,) * 2, side // 4, 1.0, -1)
    noise = np.random.default_rng(0).normal(0, 0.004, (side, side))
    return np.asarray(cv2.blur(disc, (9, 9)) + noise, np.float32).clip(0, 1)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (48, 200), (31, 17)])
def test_it_comes_back_at_the_crops_size(height: int, width: int) -> None:
    square = soft_square()
    found = decode_probability(encode_probability(square), height, width)
    assert found.shape == (height, width)
    assert np.abs(found - Letterbox(height, width, 64).back(square)).max() <= 1 / 62 + 1 / 255


def test_what_is_above_one_half_stays_there() -> None:
    square = soft_square()
    found = decode_probability(encode_probability(square), 64, 64)
    np.testing.assert_array_equal(found > 0.5, square > 0.5)


def test_it_is_much_smaller_than_all_8_bits() -> None:
    square = soft_square(192)
    assert len(encode_probability(square)) < len(encode_png((square * 255).astype(np.uint8))) / 2


@pytest.mark.parametrize("shape", [(8, 9), (8, 8, 3)])
def test_another_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UnreadableImage):
        decode_probability(encode_png(np.zeros(shape, np.uint8)), 8, 8)
