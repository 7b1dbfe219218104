"""Dark ellipses on light, speckled ground: specimens that a network learns within seconds."""

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from ml.config import NetworkConfig, TrainingConfig
from ml.imaging.arrays import Mask, Pixels
from ml.squares import Squares

SIDE = 32
SMALL = TrainingConfig(
    network=NetworkConfig(base=8, depth=2),
    side=SIDE,
    batch=8,
    steps_per_epoch=6,
    epochs=4,
    warmup_epochs=1,
    plateau_patience=3,
    plateau_factor=0.3,
    stop_patience=8,
    learning_rate=4e-3,
    average=0.5,
)


def draw_ellipse(seed: int, height: int = 48, width: int = 64) -> tuple[Pixels, Mask]:
    rng = np.random.default_rng(seed)
    mask = np.zeros((height, width), np.uint8)
    centre = (int(rng.integers(24, 40)), int(rng.integers(20, 28)))
    axes = (int(rng.integers(12, 20)), int(rng.integers(8, 14)))
    cv2.ellipse(mask, centre, axes, float(rng.integers(180)), 0, 360, 255, cv2.FILLED)
    ground = rng.integers(150, 230, 3) + rng.normal(0, 12, (height, width, 3))
    colour = rng.integers(20, 110, 3) + rng.normal(0, 12, (height, width, 3))
    pixels = np.where(mask[..., None] > 0, colour, ground).clip(0, 255).astype(np.uint8)
    return pixels, mask


def ellipse_squares(folder: Path, count: int, first_seed: int = 0, side: int = SIDE) -> Squares:
    squares = Squares.create(folder / f"{first_seed}-{count}.npy", count, side)
    for index in range(count):
        squares.put(index, *draw_ellipse(first_seed + index))
    return squares


def draw_squares(count: int, side: int = 48, first_seed: int = 0) -> Tensor:
    """As `Squares.batch` gives them, without bands."""
    drawn = [draw_ellipse(first_seed + number, side, side) for number in range(count)]
    return torch.from_numpy(np.stack([np.dstack(pair) for pair in drawn]))
