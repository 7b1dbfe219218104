"""How sure a network may be: one temperature that its scores are divided by."""

import math

import torch
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn import functional

LOWEST, HIGHEST = 0.5, 5.0
"""A handful of validation pictures without an error would otherwise make a network surer and
surer."""


def fit_temperature(margins: Tensor, truth: Tensor) -> float:
    """Return the temperature with which the truth is likeliest, by Brent's method.

    It changes how sure the network is, never what it answers. Guo et al., "On calibration of
    modern neural networks", ICML 2017.

    Args:
        margins: shape (n,), float: score of specimen − score of background of some pixels.
        truth: shape (n,), float, 0 and 1.
    """

    def cost(logarithm: float) -> float:
        return negative_log_likelihood(margins, truth, math.exp(logarithm))

    found = minimize_scalar(cost, bounds=(math.log(LOWEST), math.log(HIGHEST)), method="bounded")
    return float(math.exp(found.x))


def negative_log_likelihood(margins: Tensor, truth: Tensor, temperature: float) -> float:
    """Return the mean over pixels, ≥ 0; arguments as in ``fit_temperature``."""
    return functional.binary_cross_entropy_with_logits(margins / temperature, truth).item()


def some_pixels(scores: Tensor, truth: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Return margins and truth of at most so many pixels of each square, evenly spread.

    Args:
        scores: shape (n, 2, h, w), before softmax.
        truth: shape (n, 1, h, w), 0 and 1.
        most: pixels of a square.

    Returns:
        Two tensors of shape (pixels,), float32, on the CPU.
    """
    step = -(-scores[0, 0].numel() // most)
    margins = (scores[:, 1] - scores[:, 0]).flatten(1)[:, ::step]
    return margins.flatten().float().cpu(), truth.flatten(1)[:, ::step].flatten().cpu()


def join(pieces: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Return the margins and the truth of several pieces, one after the other."""
    margins, truth = zip(*pieces, strict=True)
    return torch.cat(margins), torch.cat(truth)
