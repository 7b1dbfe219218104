"""More weight along the true edge, as the lab had it: where a mask goes wrong is where it ends."""

import torch
from monai.losses.dice import DiceLoss
from torch import Tensor

from ml.config import ContourWeighting


def contour_band(truth: Tensor, config: ContourWeighting) -> Tensor:
    """Return 1 along the edge and 0 elsewhere: the grown mask without the shrunk one.

    The same pixels as OpenCV's ``dilate`` and ``erode`` by a 3×3 ellipse give: what lies beyond
    the picture's border changes nothing.

    Args:
        truth: shape (n, 1, h, w), float, of 0 and 1, on any device.
        config: how often it is grown and shrunk.

    Returns:
        Shape (n, 1, h, w), float32.
    """
    mask = truth > 0.5
    return (_grown(mask, config.dilate) & _grown(~mask, config.erode)).float()


def pixel_weights(band: Tensor, config: ContourWeighting) -> Tensor:
    """Return what each pixel's cross-entropy counts, shape (n, h, w)."""
    return 1 + (config.weight - 1) * band[:, 0]


def band_dice(scores: Tensor, truth: Tensor, band: Tensor, *, both_classes: bool) -> Tensor:
    """Return 1 − Dice over the pixels of the band, of the whole batch together.

    Args:
        scores: shape (n, 2, h, w), before softmax.
        truth: shape (n, 1, h, w), 0 and 1.
        band: shape (n, 1, h, w), as ``contour_band`` gives.
        both_classes: take the mean over specimen and background, not the specimen alone.
    """
    wanted = torch.cat([1 - truth, truth], dim=1)
    loss = DiceLoss(include_background=both_classes, batch=True)
    found: Tensor = loss(scores.softmax(dim=1) * band, wanted * band)
    return found


def _grown(mask: Tensor, times: int) -> Tensor:
    """Grow by a cross of 3×3, which is what OpenCV calls an ellipse of that size.

    Shifted copies of booleans are many times faster than pooling on a CPU.
    """
    for _ in range(times):
        before, mask = mask, mask.clone()
        mask[..., 1:, :] |= before[..., :-1, :]
        mask[..., :-1, :] |= before[..., 1:, :]
        mask[..., 1:] |= before[..., :-1]
        mask[..., :-1] |= before[..., 1:]
    return mask
