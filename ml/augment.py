"""Random changes to training squares, image and mask by the same transform.

kornia has the same changes, but draws them from torch's global random state; here they come from
a generator that is passed in and can be saved with a checkpoint.
"""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from ml.networks.device import as_pictures
from ml.presets import Augmentation


def augment(squares: Tensor, config: Augmentation, generator: Generator) -> tuple[Tensor, Tensor]:
    """Return pictures and truth, changed at random, each square by its own draw.

    Args:
        squares: shape (n, side, side, 4), uint8: RGB and mask, as ``Squares.batch`` gives.
        config: how far the changes go.
        generator: where the randomness comes from; on the CPU, wherever the squares are.

    Returns:
        Pictures (n, 3, side, side) float32 as ``as_pictures`` gives, and truth
        (n, 1, side, side) float32 of 0 and 1. What comes in from outside is white background.
    """
    pictures, truth = split(squares)
    matrices = _affine(len(squares), config, generator).to(squares.device)
    both = torch.cat([pictures, truth], dim=1)
    grid = functional.affine_grid(matrices, list(both.shape), align_corners=False)
    moved = functional.grid_sample(both, grid, padding_mode="zeros", align_corners=False)
    return _relit(moved[:, :3], config, generator), (moved[:, 3:] > 0.5).float()


def split(squares: Tensor) -> tuple[Tensor, Tensor]:
    """Return pictures and truth of squares as they are; shapes as in ``augment``."""
    truth = (squares[..., 3:] > 0).float().permute(0, 3, 1, 2)
    return as_pictures(squares[..., :3]), truth


def _affine(count: int, config: Augmentation, generator: Generator) -> Tensor:
    """Draw (n, 2, 3) matrices that take places in the new square to places in the old one."""

    def draw(reach: float) -> Tensor:
        return _uniform(count, reach, generator)

    angle, shear = draw(math.radians(config.rotation)), torch.tan(draw(math.radians(config.shear)))
    zoom, right, down = 1 + draw(config.scale), 2 * draw(config.shift), 2 * draw(config.shift)
    flips = torch.rand(2, count, generator=generator, device=generator.device) < config.flip
    flip_x, flip_y = 1.0 - 2.0 * flips.float()
    cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    rows = [
        torch.stack([flip_x * cos, flip_x * (cos * shear - sin), right], dim=1),
        torch.stack([flip_y * sin, flip_y * (sin * shear + cos), down], dim=1),
    ]
    return torch.stack(rows, dim=1)


def _relit(pictures: Tensor, config: Augmentation, generator: Generator) -> Tensor:
    """Change brightness and contrast, mildly: brightened much, white wings lose their edge."""
    shape = (len(pictures), 1, 1, 1)
    brightness = _uniform(len(pictures), config.brightness, generator).view(shape)
    contrast = 1 + _uniform(len(pictures), config.contrast, generator).view(shape)
    mean = pictures.mean(dim=(1, 2, 3), keepdim=True)
    return ((pictures - mean) * contrast + mean + brightness).clamp(0, 1)


def _uniform(count: int, reach: float, generator: Generator) -> Tensor:
    """Draw numbers from −reach to reach."""
    return (2 * torch.rand(count, generator=generator, device=generator.device) - 1) * reach
