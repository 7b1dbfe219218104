"""The U-Net: down by halves, up again, with what was seen on the way down put beside it.

Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical image segmentation",
MICCAI 2015; batch normalisation and bilinear enlarging as in Pytorch-UNet by milesial, which the
lab used.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from ml.config import NetworkConfig

CLASSES = 2
"""Background is class 0, specimen class 1."""


class UNet(nn.Module):
    """Gives each pixel of a square a score for background and one for specimen."""

    def __init__(self, config: NetworkConfig) -> None:
        """Make one with random weights, drawn from torch's global random state."""
        super().__init__()
        widths = _widths(config)
        self.first = DoubleConvolution(3, widths[0], stride=config.stride)
        self.down = nn.ModuleList(
            DoubleConvolution(above, below) for above, below in pairwise(widths)
        )
        ups, widths_up, below = [], [], widths[-1]
        for beside in reversed(widths[:-1]):
            above = beside // 2 if config.bilinear and beside != widths[0] else beside
            ups.append(Up(below, beside, above, bilinear=config.bilinear))
            below = above
            widths_up.append(above)
        self.up = nn.ModuleList(ups)
        self.scores = nn.Conv2d(below, CLASSES, 1)
        # What is not there has no weights: networks without deep supervision stay as they were.
        asked = widths_up[-2::-1][: config.deep_supervision]
        self.deeper = nn.ModuleList(nn.Conv2d(width, CLASSES, 1) for width in asked)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return scores (n, 2, side, side) before softmax for pictures (n, 3, side, side).

        While training with deep supervision the shape is (answers, n, 2, side, side), the last
        level's scores first (Lee et al., "Deeply-supervised nets", AISTATS 2015).
        """
        levels = [self.first(pictures)]
        for down in self.down:
            levels.append(down(functional.max_pool2d(levels[-1], 2)))
        risen = [levels.pop()]
        for up in self.up:
            risen.append(up(risen[-1], levels.pop()))
        scores = _enlarged(self.scores(risen[-1]), pictures)
        if not self.training or not self.deeper:
            return scores
        below = zip(self.deeper, risen[-2::-1], strict=False)
        return torch.stack([scores, *(_enlarged(head(level), pictures) for head, level in below)])


class DoubleConvolution(nn.Sequential):
    """Twice 3×3 convolution, batch normalisation and ReLU."""

    def __init__(self, come: int, go: int, *, between: int | None = None, stride: int = 1) -> None:
        """Take ``come`` channels to ``between`` and on to ``go``; the first one strides."""
        between = between or go
        super().__init__(
            nn.Conv2d(come, between, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(between),
            nn.ReLU(inplace=True),
            nn.Conv2d(between, go, 3, padding=1, bias=False),
            nn.BatchNorm2d(go),
            nn.ReLU(inplace=True),
        )


class Up(nn.Module):
    """Enlarges features to twice their size and joins what the way down saw at that size."""

    def __init__(self, below: int, beside: int, go: int, *, bilinear: bool) -> None:
        """Take ``below`` channels and ``beside`` channels of twice the size to ``go``."""
        super().__init__()
        self.enlarge = None if bilinear else nn.ConvTranspose2d(below, below // 2, 2, stride=2)
        joined = beside + (below if bilinear else below // 2)
        self.convolve = DoubleConvolution(joined, go, between=joined // 2 if bilinear else go)

    def forward(self, features: Tensor, beside: Tensor) -> Tensor:
        """Return (n, go, h, w) for features (n, below, h/2, w/2) and (n, beside, h, w)."""
        enlarged = self.enlarge(features) if self.enlarge else _enlarged(features, beside)
        joined: Tensor = self.convolve(torch.cat([beside, enlarged], dim=1))
        return joined


def _widths(config: NetworkConfig) -> list[int]:
    widths = [config.base * 2**level for level in range(config.depth + 1)]
    if config.bilinear:
        # Nothing halves the channels on the way up, so the deepest level starts with half.
        widths[-1] //= 2
    return widths


def _enlarged(features: Tensor, like: Tensor) -> Tensor:
    if features.shape[-2:] == like.shape[-2:]:
        return features
    return functional.interpolate(features, like.shape[-2:], mode="bilinear", align_corners=False)
