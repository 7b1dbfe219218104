"""Masks from a trained network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ml.checkpoints import Weights
from ml.imaging.arrays import SPECIMEN, Mask, Pixels
from ml.imaging.contours import largest_contour
from ml.imaging.letterbox import Letterbox
from ml.networks.device import as_pictures, best_device, half_precision, place
from ml.networks.unet import UNet

Probability = NDArray[np.float32]
"""Shape (side, side), float32, 0…1: how surely each pixel belongs to the specimen."""


@dataclass(frozen=True)
class Prediction:
    """What a network makes of a crop.

    Args:
        mask: at the crop's size, one filled piece; all background where nothing was found.
        probability: shape (side, side), uint8: 0…255 for 0…1, of the letter-boxed crop.
        uncertainty: 0…1, see ``uncertainty``.
    """

    mask: Mask
    probability: NDArray[np.uint8]
    uncertainty: float


class Predictor:
    """A trained network, ready to predict."""

    def __init__(self, weights: bytes) -> None:
        """Read safetensors bytes as ``ml.train.train`` returns.

        Raises:
            UnusableWeights: the bytes are something else.
        """
        read = Weights.from_bytes(weights)
        self._side = read.side
        self._device = best_device()
        self._network = UNet(read.network)
        self._network.load_state_dict(read.tensors)
        self._network.eval()
        place(self._network, self._device)

    def predict(self, batch: Sequence[Pixels]) -> list[Prediction]:
        """Predict crops of any sizes; all of them go through the network at once.

        Args:
            batch: crops, each (height, width, 3) uint8. 16 at a time is a good number.
        """
        if not batch:
            return []
        boxes = [Letterbox(len(pixels), len(pixels[0]), self._side) for pixels in batch]
        squares = [box.pixels(pixels) for box, pixels in zip(boxes, batch, strict=True)]
        probabilities = self._probabilities(np.stack(squares))
        return [_prediction(box, p) for box, p in zip(boxes, probabilities, strict=True)]

    @torch.inference_mode()
    def _probabilities(self, squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (n, side, side) probabilities: the mean of each square and its mirror image."""
        pictures = as_pictures(torch.from_numpy(squares).to(self._device))
        with half_precision(self._device):
            scores = self._network(pictures)
            mirrored = self._network(pictures.flip(3)).flip(3)
        both = torch.stack([scores, mirrored]).float().softmax(dim=2)[:, :, 1]
        mean: NDArray[np.float32] = both.mean(dim=0).cpu().numpy()
        return mean


def uncertainty(probability: Probability) -> float:
    """Return how far the mask is from certain, 0…1: its expected 1 − Dice.

    With m the pixels above one half, it is 1 − 2·Σ(p·m) / (Σp + Σm): what is lost on average if
    the truth is drawn from the probabilities (soft Dice, Milletari et al., "V-Net", 3DV 2016).
    0 where every pixel is sure, 1 where nothing was found.

    Args:
        probability: shape (side, side), float32, 0…1.
    """
    inside = probability > 0.5
    if not inside.any():
        return 1.0
    within = float(probability[inside].sum())
    return 1 - 2 * within / (float(probability.sum()) + float(inside.sum()))


def _prediction(box: Letterbox, probability: Probability) -> Prediction:
    mask = np.where(box.back(probability) > 0.5, SPECIMEN, 0).astype(np.uint8)
    shown = np.rint(probability * 255).astype(np.uint8)
    return Prediction(largest_contour(mask), shown, uncertainty(probability))
