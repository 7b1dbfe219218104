"""Trained networks, made ready to predict squares."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ml.checkpoints import Weights
from ml.config import Views
from ml.networks.device import as_pictures, half_precision, place
from ml.networks.unet import DoubleConvolution, UNet

ROWS, COLUMNS = 2, 3


@dataclass(frozen=True)
class View:
    """One way in which a square is shown to a network.

    Args:
        mirrored: dimensions of (n, channel, row, column) that are turned round.
        scale: of the side, rounded to what the network can halve.
    """

    mirrored: tuple[int, ...] = ()
    scale: float = 1.0


_FLIPS = (View(), View((COLUMNS,)), View((ROWS,)), View((ROWS, COLUMNS)))
VIEWS: dict[Views, tuple[View, ...]] = {
    "one": (View(),),
    "flips": _FLIPS,
    "flips-and-scales": (*_FLIPS, View(scale=0.75), View((COLUMNS,), 1.25)),
}


class TrainedNetwork:
    """Weights on a device, batch normalisation folded into the convolutions."""

    def __init__(self, weights: bytes, device: torch.device) -> None:
        """Read safetensors bytes as ``ml.training.train.train`` returns.

        Raises:
            UnusableWeights: the bytes are something else.
        """
        read = Weights.from_bytes(weights)
        self.side, self.prediction = read.side, read.prediction
        self._precision = read.training.precision if read.training else "auto"
        self._temperature = read.temperature
        self._step = read.network.stride * 2**read.network.depth
        self._device = device
        network = UNet(read.network)
        network.load_state_dict(read.tensors)
        self._network = fused(network.eval())
        place(self._network, device)

    @torch.inference_mode()
    def probabilities(self, squares: NDArray[np.uint8], views: Sequence[View]) -> Tensor:
        """Return what each view makes of each square.

        Args:
            squares: shape (n, side, side, 3), uint8 RGB; of any side, but best of the network's.
            views: how the network is shown them.

        Returns:
            Shape (views, n, side, side), float32, 0…1, on the device: probability of specimen.
        """
        pictures = as_pictures(torch.from_numpy(squares).to(self._device))
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        return torch.stack([self._probability(pictures, view) for view in views])

    def _probability(self, pictures: Tensor, view: View) -> Tensor:
        side = self._step * round(self.side * view.scale / self._step)
        with half_precision(self._device, self._precision):
            scores = self._network(_scaled(pictures, side).flip(view.mirrored))
        probability = (scores.float() / self._temperature).softmax(dim=1)[:, 1:]
        return _scaled(probability.flip(view.mirrored), pictures.shape[-1])[:, 0]


def fused(network: UNet) -> UNet:
    """Return a network in ``eval`` with each batch normalisation folded into its convolution.

    The same numbers but for rounding, and a pass over the memory less for each of them.
    """
    for block in [module for module in network.modules() if isinstance(module, DoubleConvolution)]:
        for index, layer in enumerate(block):
            following = block[index + 1] if index + 1 < len(block) else None
            if isinstance(layer, nn.Conv2d) and isinstance(following, nn.BatchNorm2d):
                block[index], block[index + 1] = fuse_conv_bn_eval(layer, following), nn.Identity()
    return network


def _scaled(pictures: Tensor, side: int) -> Tensor:
    if pictures.shape[-1] == side:
        return pictures
    return functional.interpolate(pictures, (side, side), mode="bilinear", antialias=True)
