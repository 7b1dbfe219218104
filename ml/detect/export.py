"""The small YOLO as an ONNX file in the layout of YOLOv8: one way of inference serves all."""

import io
import itertools
import warnings
from typing import cast

import torch
from torch import Tensor, nn

from ml.detect.network import STRIDES, DetectorNetwork, cells, corners

_OPSET = 17


class _BothWaysRound(nn.Module):
    """The network with its outputs turned into boxes: the mean of a picture and its mirror image.

    One look more costs little and makes boxes truer: 0.01 to 0.02 of the IoU.
    """

    grid: Tensor
    mirrored: Tensor
    """For each cell, the number of the one at its place in the mirror image."""

    def __init__(self, network: DetectorNetwork, side: int) -> None:
        super().__init__()
        self.network, self.side = network, float(side)
        self.register_buffer("grid", cells(side))
        rows = [torch.arange((side // stride) ** 2).view(-1, side // stride) for stride in STRIDES]
        firsts = [0, *itertools.accumulate(row.numel() for row in rows)]
        places = [(row.flip(1) + first).flatten() for row, first in zip(rows, firsts, strict=False)]
        self.register_buffer("mirrored", torch.cat(places))

    def forward(self, pictures: Tensor) -> Tensor:
        left, top, right, bottom, score = self._seen(pictures).unbind(1)
        mirror = self._seen(pictures.flip(3))[..., self.mirrored]
        right_, top_, left_, bottom_, score_ = mirror.unbind(1)
        left, right = (left + self.side - left_) / 2, (right + self.side - right_) / 2
        top, bottom, score = (top + top_) / 2, (bottom + bottom_) / 2, (score + score_) / 2
        centre = (left + right) / 2, (top + bottom) / 2
        return torch.stack([*centre, right - left, bottom - top, score], 1)

    def _seen(self, pictures: Tensor) -> Tensor:
        outputs = self.network(pictures)
        return torch.cat([corners(outputs, self.grid), outputs[:, 4:].sigmoid()], 1)


def to_onnx(network: DetectorNetwork, side: int) -> bytes:
    """Return the ONNX file: (n, 3, side, side) RGB 0…1 → (n, 5, cells), any n.

    The five are centre x, centre y, width and height in pixels, and the score 0…1.

    Args:
        network: on the CPU.
        side: in pixels, a multiple of 32.
    """
    file = io.BytesIO()
    training = network.training
    module = _BothWaysRound(network, side).eval()
    with warnings.catch_warnings():
        # The newer exporter would need another package, and torch is pinned.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            module,
            (torch.zeros(1, 3, side, side),),
            cast(str, file),  # it takes files too, though its types do not say so
            dynamo=False,
            input_names=["images"],
            output_names=["output"],
            dynamic_axes={"images": {0: "n"}, "output": {0: "n"}},
            opset_version=_OPSET,
        )
    network.train(training)
    return file.getvalue()
