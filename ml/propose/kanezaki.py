"""Unsupervised segmentation by backpropagation, with the colour blocks that it leaves."""

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.imaging.arrays import Pixels
from ml.progress import OnProgress, Progress, silent
from ml.propose.appearance import Appearance, seen_as
from ml.propose.background import Blocks, Vote
from ml.propose.superpixels import CompactWatershed, Felzenszwalb, Slic, Superpixels


@dataclass(frozen=True)
class KanezakiConfig:
    """Settings of the method; the defaults are the fast ones.

    Args:
        side: the picture is made smaller until its long side has this many pixels.
        layers: of 3 × 3 convolutions (nConv); one of 1 × 1 follows.
        channels: of the network, and the most labels there can be.
        learning_rate: of SGD with momentum 0.9.
        min_labels: stop when no more labels than this are left.
        max_iter: stop after this many steps.
        superpixels: the regions within which labels are made constant.
        appearance: what the network sees.
        background: how the background is found among the blocks.
    """

    side: int = 128
    layers: int = 2
    channels: int = 24
    learning_rate: float = 0.05
    min_labels: int = 3
    max_iter: int = 40
    superpixels: Superpixels = field(default_factory=lambda: CompactWatershed(count=400))
    appearance: Appearance = "rgb"
    background: Vote = "border"


FAST = KanezakiConfig()

ORIGINAL = KanezakiConfig(
    side=256,
    channels=100,
    learning_rate=0.1,
    max_iter=1000,
    superpixels=Slic(count=10_000, compactness=100.0, sigma=0.0),
    background="five-points",
)
"""What Kanezaki published, at the lab's size of picture and with the lab's vote."""

LAB_SLIC = replace(ORIGINAL, superpixels=Slic(count=2000, compactness=10.0, sigma=0.5))
"""The lab's, for colour blocks to pick from."""

LAB_FELZENSZWALB = replace(
    ORIGINAL,
    learning_rate=0.05,
    superpixels=Felzenszwalb(scale=1000.0, sigma=0.5, min_size=20),
)
"""The lab's, for masks."""


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
    if height == width == 1:
        return np.zeros((1, 1), np.int32)  # batch normalisation needs more than one value
    regions = torch.from_numpy(config.superpixels.regions(pixels)).long().ravel()
    picture = _picture(pixels, config.appearance)
    network = _network(picture.shape[1], config, seed)
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


def _picture(pixels: Pixels, appearance: Appearance) -> Tensor:
    """Shape (1, channels, height, width), float32, 0…1, laid out as convolutions like it."""
    seen = torch.from_numpy(seen_as(pixels, appearance).astype(np.float32) / 255)
    return seen.permute(2, 0, 1)[None].contiguous(memory_format=torch.channels_last)


def _network(inputs: int, config: KanezakiConfig, seed: int) -> nn.Sequential:
    parts: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for layer in range(config.layers):
            first = config.channels if layer else inputs
            parts.append(nn.Conv2d(first, config.channels, 3, padding=1))
            parts += nn.BatchNorm2d(config.channels), nn.ReLU()
        parts += nn.Conv2d(config.channels, config.channels, 1), nn.BatchNorm2d(config.channels)
    return nn.Sequential(*parts)


def _used(labels: Tensor) -> NDArray[np.int64]:
    return np.asarray(np.unique(labels.numpy()), np.int64)


def _constant_within(regions: Tensor, labels: Tensor, channels: int) -> Tensor:
    """Give each pixel the label found most often in its region."""
    count = int(regions.max()) + 1
    votes = torch.bincount(regions * channels + labels, minlength=count * channels)
    return votes.reshape(count, channels).argmax(dim=1)[regions]
