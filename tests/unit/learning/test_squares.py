from pathlib import Path

import numpy as np
import pytest

from ml.imaging.letterbox import Letterbox
from ml.squares import Squares
from tests.unit.learning.ellipses import draw_ellipse


def test_what_was_put_comes_back_letterboxed_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "squares.npy"
    pixels, mask = draw_ellipse(3)
    squares = Squares.create(path, 2, 40)
    squares.put(1, pixels, mask)
    del squares
    stored_pixels, stored_mask = Squares.open(path)[1]
    box = Letterbox(48, 64, side=40)
    assert np.array_equal(stored_pixels, box.pixels(pixels))
    assert np.array_equal(stored_mask, box.mask(mask))


def test_length_side_and_batch(tmp_path: Path) -> None:
    squares = Squares.create(tmp_path / "squares.npy", 3, 16)
    for index in range(3):
        squares.put(index, *draw_ellipse(index))
    assert (len(squares), squares.side) == (3, 16)
    batch = squares.batch(np.array([2, 0, 2]))
    assert batch.shape == (3, 16, 16, 4)
    assert np.array_equal(batch[0], batch[2])
    assert np.array_equal(batch[1, ..., 3], squares[0][1])


def test_opened_squares_cannot_be_changed(tmp_path: Path) -> None:
    Squares.create(tmp_path / "squares.npy", 1, 16)
    with pytest.raises(ValueError, match="read-only"):
        Squares.open(tmp_path / "squares.npy").put(0, *draw_ellipse(0))
