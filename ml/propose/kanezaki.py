"""Unsupervised segmentation by backpropagation, with the colour blocks that it leaves."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.imaging.arrays import BACKGROUND, SPECIMEN, Mask, Pixels
from ml.progress import OnProgress, Progress, silent
from ml.propose.superpixels import FelzenszwalbConfig, felzenszwalb_regions

Blocks = NDArray[np.int32]
"""Shape (height, width), int32: the id of each pixel's colour block, 0 … number of blocks - 1."""

# The lab looked 25 pixels into its squares of 256.
_INSET = 25 / 256


@dataclass(frozen=True)
class KanezakiConfig:
    """Settings of the method; the defaults are the fast ones.

    Args:
        side: the picture is made smaller until its long side has this many pixels.
        channels: of the network, and the most labels there can be (100 in the paper).
        learning_rate: of SGD with momentum 0.9.
        min_labels: stop when no more labels than this are left.
        max_iter: stop after this many steps.
        superpixels: the regions within which labels are made constant.
    """

    side: int = 160
    channels: int = 32
    learning_rate: float = 0.05
    min_labels: int = 3
    max_iter: int = 60
    superpixels: FelzenszwalbConfig = field(default_factory=FelzenszwalbConfig)


def kanezaki_blocks(
    pixels: Pixels,
    config: KanezakiConfig,
    *,
    seed: int,
    on_progress: OnProgress = silent,
) -> Blocks:
    """Return the colour blocks that a small network trained on this one picture agrees on.

    Kanezaki, "Unsupervised image segmentation by backpropagation", ICASSP 2018: the network learns
    to predict its own strongest label, made constant within each superpixel, so that labels die
    out. Same seed, same picture, same machine: same blocks.

    Args:
        pixels: shape (height, width, 3), uint8 RGB, at the size to work at.
        config: the settings; ``side`` is the caller's business.
        seed: of the network's first weights.
        on_progress: told after each step.
    """
    height, width = pixels.shape[:2]
    regions = torch.from_numpy(felzenszwalb_regions(pixels, config.superpixels)).long().ravel()
    picture = torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)[None].contiguous()
    network = _network(config.channels, seed)
    optimiser = torch.optim.SGD(network.parameters(), lr=config.learning_rate, momentum=0.9)
    target = regions
    for step in range(config.max_iter):
        response = network(picture)[0].flatten(1).T
        target = _constant_within(regions, response.argmax(dim=1), config.channels)
        on_progress(Progress("kanezaki", step + 1, config.max_iter))
        if _used(target).size <= config.min_labels:
            break
        optimiser.zero_grad()
        torch.autograd.backward(nn.functional.cross_entropy(response, target))
        optimiser.step()
    blocks = np.searchsorted(_used(target), target.numpy())
    return blocks.reshape(height, width).astype(np.int32)


def without_background(blocks: Blocks) -> Mask:
    """Return everything but the block found most often at five points near the border.

    The points are the lab's: top middle and the four corners, 25 pixels in of 256.

    Args:
        blocks: shape (height, width), int32.
    """
    height, width = blocks.shape
    top, left = round(height * _INSET), round(width * _INSET)
    bottom, right = height - 1 - top, width - 1 - left
    points = ((top, width // 2), (top, left), (top, right), (bottom, left), (bottom, right))
    background = Counter(int(blocks[point]) for point in points).most_common(1)[0][0]
    return np.where(blocks == background, BACKGROUND, SPECIMEN).astype(np.uint8)


def _network(channels: int, seed: int) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            *(nn.Conv2d(3, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU()),
            *(nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU()),
            *(nn.Conv2d(channels, channels, 1), nn.BatchNorm2d(channels)),
        )


def _used(labels: Tensor) -> NDArray[np.int64]:
    return np.asarray(np.unique(labels.numpy()), np.int64)


def _constant_within(regions: Tensor, labels: Tensor, channels: int) -> Tensor:
    """Give each pixel the label found most often in its region."""
    count = int(regions.max()) + 1
    votes = torch.bincount(regions * channels + labels, minlength=count * channels)
    return votes.reshape(count, channels).argmax(dim=1)[regions]
