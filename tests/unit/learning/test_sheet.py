import numpy as np
import pytest
from torch import Generator, Tensor

from ml.config import Augmentation
from ml.imaging.difference import ADDED, REMOVED
from ml.training.augment import augment
from ml.training.sheet import CELL, GAP, HEAD, HEADINGS, contact_sheet
from tests.unit.learning.ellipses import draw_squares

STEP = CELL + GAP


def shown(count: int, side: int = CELL) -> tuple[Tensor, Tensor]:
    squares = draw_squares(count, side)
    return augment(squares, Augmentation(), Generator().manual_seed(0))


def cell(sheet: np.ndarray, row: int, column: int) -> np.ndarray:
    top = HEAD + row * STEP
    left = column * STEP + GAP * (column // len(HEADINGS))
    return sheet[top : top + CELL, left : left + CELL]


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (2, 1), (3, 2), (8, 4)])
def test_specimens_stand_two_by_two(count: int, rows: int) -> None:
    pictures, truth = shown(count)
    sheet = contact_sheet(pictures, truth, truth)
    assert sheet.shape == (HEAD + rows * STEP, 2 * (len(HEADINGS) * STEP + GAP), 3)


@pytest.mark.parametrize(("side", "step"), [(64, 64 + GAP), (2 * CELL, STEP)])
def test_large_pictures_are_shown_smaller(side: int, step: int) -> None:
    pictures, truth = shown(2, side)
    sheet = contact_sheet(pictures, truth, truth)
    assert sheet.shape == (HEAD + step, 2 * (len(HEADINGS) * step + GAP), 3)
    assert sheet.dtype == np.uint8


def test_each_cell_shows_what_its_heading_says() -> None:
    pictures, truth = shown(2)
    probability = truth.roll(8, 3) * 0.8
    sheet = contact_sheet(pictures, truth, probability)
    for index in range(2):
        picture, label, found, wrong = (cell(sheet, 0, 4 * index + n) for n in range(4))
        light = 255 * (1 - pictures[index].permute(1, 2, 0).numpy())
        assert np.abs(picture - light).max() <= 0.5 + 1e-3
        assert (label[..., 0] == 255 * truth[index, 0].numpy()).all()
        assert (found[..., 0] == np.rint(255 * probability[index, 0].numpy())).all()
        missed = (truth > probability.round())[index, 0].numpy()
        added = (truth < probability.round())[index, 0].numpy()
        below = slice(24, None)  # above, the Dice is written
        assert ((wrong == REMOVED).all(axis=2)[below] == missed[below]).all()
        assert ((wrong == ADDED).all(axis=2)[below] == added[below]).all()


def test_a_half_is_found() -> None:
    pictures, truth = shown(1)
    sheet = contact_sheet(pictures, truth, truth * 0.5)
    assert not (sheet == REMOVED).all(axis=2).any()
    sheet = contact_sheet(pictures, truth, truth * 0.49)
    assert (sheet == REMOVED).all(axis=2).any()
