"""What training makes small: losses by name, their sums, and more weight along the edge."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from monai.losses.dice import DiceLoss, GeneralizedDiceLoss
from monai.losses.focal_loss import FocalLoss
from monai.losses.tversky import TverskyLoss
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from torch import Tensor
from torch.nn import functional

from ml.config import CROSS_ENTROPIES, LossConfig, LossName
from ml.training.contour import band_dice, contour_band, pixel_weights

Loss = Callable[[Tensor, Tensor], Tensor]
"""Takes scores (n, 2, h, w) float before softmax and truth (n, 1, h, w) float of 0 and 1, on one
device; returns one number. Only the boundary loss can be below 0."""


def make_loss(config: LossConfig) -> Loss:
    """Return the sum of losses that ``config`` names, the edge weighted more if it says so.

    Losses of regions are taken over the whole batch, so that a nearly empty mask in it does not
    swing them (Milletari et al., "V-Net", 3DV 2016). With contour weighting, cross-entropies are
    weighted pixel by pixel and a Dice loss within the band is added.
    """
    entropies = [term for term in config.terms if term.name in CROSS_ENTROPIES]
    others = [
        (term.weight, _loss(term.name, config))
        for term in config.terms
        if term.name not in CROSS_ENTROPIES
    ]
    contour = config.contour

    def loss(scores: Tensor, truth: Tensor) -> Tensor:
        pixels, total = torch.ones_like(truth[:, 0]), scores.new_zeros(())
        if contour:
            band = contour_band(truth, contour)
            pixels = pixel_weights(band, contour)
            if contour.dice:
                within = band_dice(scores, truth, band, both_classes=config.both_classes)
                total = total + contour.dice * within
        for term in entropies:
            specimen = config.specimen_weight if term.name == "weighted-cross-entropy" else 1.0
            total = total + term.weight * _cross_entropy(scores, truth, pixels, specimen)
        for weight, other in others:
            total = total + weight * other(scores, truth)
        return total

    return loss


def _cross_entropy(scores: Tensor, truth: Tensor, pixels: Tensor, specimen: float) -> Tensor:
    """Return the mean over all pixels; of two classes, binary cross-entropy is the same number.

    Weighted, it is divided by the sum of the classes' weights as PyTorch does, so that the weight
    moves the balance and not the size. The weights of pixels are not divided by, as in the lab.
    """
    classes = scores.new_tensor([1.0, specimen])
    each = functional.cross_entropy(scores, truth[:, 0].long(), classes, reduction="none")
    return (each * pixels).sum() / classes[truth.long()].sum()


def _loss(name: LossName, config: LossConfig) -> Loss:
    """Return one loss that is no cross-entropy."""
    if name == "boundary":
        return boundary_loss
    if name == "focal-tversky":
        return _focal_tversky(config)
    shared: dict[str, Any] = {"softmax": True, "to_onehot_y": True, "batch": True}
    regional = {**shared, "include_background": config.both_classes}
    # Its terms are divided by squared areas, against which MONAI's own 1e-5 would be large.
    little: dict[str, Any] = {"smooth_nr": 1e-12, "smooth_dr": 1e-12}
    alpha, beta = config.tversky_alpha, 1 - config.tversky_alpha
    losses: dict[LossName, Callable[[], Loss]] = {
        "dice": lambda: DiceLoss(**regional),
        "iou": lambda: DiceLoss(jaccard=True, **regional),
        "generalised-dice": lambda: GeneralizedDiceLoss(**shared, **little),
        "tversky": lambda: TverskyLoss(alpha=alpha, beta=beta, **regional),
        "focal": lambda: FocalLoss(use_softmax=True, to_onehot_y=True, gamma=config.focal_gamma),
    }
    return losses[name]()


def _focal_tversky(config: LossConfig) -> Loss:
    """Return (1 − Tversky index)^(1/γ).

    Abraham, Khan, "A novel focal Tversky loss function with improved attention U-Net", ISBI 2019.
    """
    tversky = _loss("tversky", config)
    return lambda scores, truth: tversky(scores, truth).clamp(min=1e-6) ** (1 / config.focal_gamma)


def boundary_loss(scores: Tensor, truth: Tensor) -> Tensor:
    """Return the mean of specimen probability × distance from the true edge, negative inside.

    Kervadec et al., "Boundary loss for highly unbalanced segmentation", MIDL 2019. Distances are
    shares of the picture's side, so that one weight serves all sizes. The least it can be depends
    on the truth and is below 0; in a sum with a loss of regions it pulls the edge into place.
    """
    distances = np.stack([_distance(mask) for mask in truth[:, 0].cpu().numpy() > 0.5])
    return (scores.softmax(dim=1)[:, 1] * torch.from_numpy(distances).to(scores.device)).mean()


def _distance(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return distances to the edge as shares of the longer side; 0 everywhere if there is none."""
    if mask.all() or not mask.any():
        return np.zeros(mask.shape, np.float32)
    outside, inside = distance_transform_edt(~mask), distance_transform_edt(mask)
    # The edge runs between pixels, half a pixel from the nearest on either side.
    signed = np.where(mask, 0.5 - inside, outside - 0.5)
    shares: NDArray[np.float32] = (signed / max(mask.shape)).astype(np.float32)
    return shares
