from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from ml.config import Augmentation
from ml.training.augment import augment, split
from tests.unit.learning.ellipses import draw_ellipse

NONE = Augmentation(0, 0, 0, 0, 0, 0, 0)


def square(count: int = 1, side: int = 96) -> Tensor:
    """A black disc off the centre of a white square, with its exact mask."""
    mask = np.zeros((side, side), np.uint8)
    cv2.circle(mask, (side * 5 // 8, side // 2), side // 6, 255, cv2.FILLED)
    pixels = np.repeat(255 - mask[..., None], 3, axis=2)
    return torch.from_numpy(np.dstack([pixels, mask])[None].repeat(count, axis=0))


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def test_no_change_is_the_square_itself() -> None:
    squares = square(2)
    changed, plain = augment(squares, NONE, seeded()), split(squares)
    torch.testing.assert_close(changed[0], plain[0], atol=1e-4, rtol=0)
    torch.testing.assert_close(changed[1], plain[1])


@pytest.mark.parametrize(
    "config",
    [
        replace(NONE, flip=1.0),
        replace(NONE, rotation=15.0),
        replace(NONE, shear=10.0),
        replace(NONE, scale=0.1),
        replace(NONE, shift=0.1),
        Augmentation(brightness=0, contrast=0),
    ],
)
def test_picture_and_truth_move_together(config: Augmentation) -> None:
    pictures, truth = augment(square(16), config, seeded())
    # Black on white: where the picture is dark is where the truth is.
    assert ((pictures[:, :1] > 0.5) == (truth > 0.5)).float().mean() > 0.999
    assert not torch.equal(truth, split(square(16))[1])


def test_truth_stays_black_and_white() -> None:
    _, truth = augment(square(8), Augmentation(), seeded())
    assert set(truth.flatten().tolist()) == {0.0, 1.0}


def test_squares_of_a_batch_change_differently() -> None:
    _, truth = augment(square(8), Augmentation(), seeded())
    assert len({bytes(one.numpy().tobytes()) for one in truth}) > 4


def test_shapes_keep_their_proportions_when_turned() -> None:
    _, truth = augment(square(32), replace(NONE, rotation=180.0), seeded())
    areas = truth.sum(dim=(1, 2, 3))
    assert areas.min() / areas.max() > 0.97


def test_light_changes_pictures_only_and_within_range() -> None:
    pixels, mask = draw_ellipse(1)
    squares = torch.from_numpy(np.dstack([pixels, mask])[None])
    config = replace(NONE, brightness=0.3, contrast=0.5)
    pictures, truth = augment(squares, config, seeded())
    assert not torch.allclose(pictures, split(squares)[0], atol=0.01)
    assert torch.equal(truth, split(squares)[1])
    assert pictures.min() >= 0
    assert pictures.max() <= 1


def test_the_generator_decides() -> None:
    first, same, other = (augment(square(4), Augmentation(), seeded(s))[0] for s in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
