"""Random changes to training squares, image and mask by the same transform.

kornia has the same changes, but draws them from torch's global random state; here they come from
a generator that is passed in and can be saved with a checkpoint.
"""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from ml.config import Augmentation
from ml.networks.device import as_pictures
from ml.training.light import relight, uniform
from ml.training.transfer import transfer


def augment(
    squares: Tensor, config: Augmentation, generator: Generator, lenders: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return pictures and truth, changed at random, each square by its own draw.

    Args:
        squares: shape (n, side, side, 4), uint8: RGB and mask, as ``Squares.batch`` gives.
        config: how far the changes go.
        generator: where the randomness comes from; on the CPU, wherever the squares are.
        lenders: squares of other sources whose light these take on, of the same shape; a square
            that is its own lender keeps its light. ``draw_lenders`` chooses them.

    Returns:
        Pictures (n, 3, side, side) float32 as ``as_pictures`` gives, and truth
        (n, 1, side, side) float32 of 0 and 1. What comes in from outside is white background.
    """
    pictures, truth = split(squares if lenders is None else transfer(squares, lenders))
    matrices = _affine(len(squares), config, generator).to(squares.device)
    both = torch.cat([pictures, truth], dim=1)
    grid = functional.affine_grid(matrices, list(both.shape), align_corners=False)
    moved = functional.grid_sample(both, grid, padding_mode="zeros", align_corners=False)
    return relight(moved[:, :3], config, generator), (moved[:, 3:] > 0.5).float()


def split(squares: Tensor) -> tuple[Tensor, Tensor]:
    """Return pictures and truth of squares as they are; shapes as in ``augment``."""
    truth = (squares[..., 3:] > 0).float().permute(0, 3, 1, 2)
    return as_pictures(squares[..., :3]), truth


def _affine(count: int, config: Augmentation, generator: Generator) -> Tensor:
    """Draw (n, 2, 3) matrices that take places in the new square to places in the old one."""

    def draw(reach: float) -> Tensor:
        return uniform((count,), -reach, reach, generator)

    angle, shear = draw(math.radians(config.rotation)), torch.tan(draw(math.radians(config.shear)))
    zoom, right, down = 1 + draw(config.scale), 2 * draw(config.shift), 2 * draw(config.shift)
    flips = torch.rand(2, count, generator=generator) < config.flip
    flip_x, flip_y = 1.0 - 2.0 * flips.float()
    cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    rows = [
        torch.stack([flip_x * cos, flip_x * (cos * shear - sin), right], dim=1),
        torch.stack([flip_y * sin, flip_y * (sin * shear + cos), down], dim=1),
    ]
    return torch.stack(rows, dim=1)
