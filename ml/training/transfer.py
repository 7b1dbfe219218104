"""Making photographs of one source look as if another had taken them."""

import numpy as np
import torch
from kornia.color import lab_to_rgb, rgb_to_lab
from numpy.typing import NDArray
from torch import Generator, Tensor

from ml.squares import Groups

STEP = 4
"""Every so many rows and columns of a lender are looked at: enough for a mean and a deviation."""
RATIO = 2.0
"""Contrast is at most multiplied or divided by this: a plain ground would blow up a busy one."""


def draw_lenders(
    groups: Groups, numbers: NDArray[np.int64], chance: float, generator: Generator
) -> NDArray[np.int64]:
    """Draw for some squares one of another source, whose light they are to take on.

    Args:
        groups: of all squares to choose from.
        numbers: of the squares that shall be changed, shape (n,).
        chance: that a square gets a lender, 0…1.
        generator: where the randomness comes from, on the CPU.

    Returns:
        Numbers of the lenders, shape (n,), int64; a square without one is its own.
    """
    lenders = numbers.copy()
    drawn = (torch.rand(len(numbers), generator=generator) < chance).numpy()
    places = torch.rand(len(numbers), generator=generator).numpy()
    for index in drawn.nonzero()[0]:
        others = (groups.source != groups.source[numbers[index]]).nonzero()[0]
        if len(others):
            lenders[index] = others[int(places[index] * len(others))]
    return lenders


def transfer(squares: Tensor, lenders: Tensor) -> Tensor:
    """Give squares the mean and the deviation of their lenders' colours.

    Source: Reinhard et al., "Color transfer between images", IEEE CG&A 2001, in CIE L*a*b*.
    Specimen and ground are changed together: apart, each pixel along the edge shows which side
    it was put on, and a network would learn that.

    Args:
        squares: shape (n, side, side, 4), uint8: RGB and mask.
        lenders: the same shape; a square that equals its lender stays as it is.

    Returns:
        The squares changed, uint8. Their masks, and the white bands of their letter-boxes, stay.
    """
    chosen = (squares != lenders).flatten(1).any(dim=1).nonzero().flatten()
    if not len(chosen):
        return squares
    pixels = squares[chosen, ..., :3]
    inside = _inside(pixels)
    own, other = _lab(pixels), _lab(lenders[chosen, ::STEP, ::STEP, :3])
    mean, deviation = _statistics(own, inside)
    other_mean, other_deviation = _statistics(other, _inside(lenders[chosen, ..., :3], STEP))
    ratio = (other_deviation / deviation.clamp(min=1)).clamp(1 / RATIO, RATIO)
    changed = lab_to_rgb((own - mean) * ratio + other_mean).clamp(0, 1)
    rounded = (changed * 255).round().to(torch.uint8).permute(0, 2, 3, 1)
    result = squares.clone()
    result[chosen, ..., :3] = torch.where(inside.permute(0, 2, 3, 1), rounded, pixels)
    return result


def _lab(pixels: Tensor) -> Tensor:
    lab: Tensor = rgb_to_lab(pixels.permute(0, 3, 1, 2).float() / 255)
    return lab


def _inside(pixels: Tensor, step: int = 1) -> Tensor:
    """Where the crop lies between the bands: (n, 1, side, side) bool, or every ``step`` of it."""
    coloured = (pixels < 255).any(dim=3)
    rows, columns = coloured.any(dim=2), coloured.any(dim=1)
    return rows[:, None, ::step, None] & columns[:, None, None, ::step]


def _statistics(lab: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and deviation of each channel, shape (n, 3, 1, 1)."""
    count = inside.sum(dim=(2, 3), keepdim=True).clamp(min=1)
    mean = (lab * inside).sum(dim=(2, 3), keepdim=True) / count
    spread = ((lab - mean).square() * inside).sum(dim=(2, 3), keepdim=True) / count
    return mean, spread.sqrt()
