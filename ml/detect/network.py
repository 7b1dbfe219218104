"""A small single-class YOLO: CSP backbone, feature pyramid, decoupled anchor-free head.

After YOLOX (Ge et al. 2021, https://arxiv.org/abs/2107.08430) for the decoupled head without
anchors, CSPNet (Wang et al. 2020, https://arxiv.org/abs/1911.11929) for the blocks, and a feature
pyramid with a way back up (Liu et al. 2018, https://arxiv.org/abs/1803.01534).
"""

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES = (8, 16, 32)
"""Pixels of the picture per cell of each of the three grids."""
_FIRST_SCORE = 0.01
_FIRST_REACH = 4.0  # cells from a cell's middle to each edge of its box, before training


class Convolution(nn.Sequential):
    """Convolution, batch normalisation, SiLU."""

    def __init__(self, inside: int, outside: int, size: int = 3, stride: int = 1) -> None:
        """Make one from so many channels to so many."""
        super().__init__(
            nn.Conv2d(inside, outside, size, stride, size // 2, bias=False),
            nn.BatchNorm2d(outside),
            nn.SiLU(inplace=True),
        )


class Csp(nn.Module):
    """Half of the channels go through residual blocks, all meet at the end."""

    def __init__(self, inside: int, outside: int, depth: int, *, residual: bool = True) -> None:
        """Make one of ``depth`` blocks from so many channels to so many."""
        super().__init__()
        half = outside // 2
        self.aside = Convolution(inside, half, 1)
        self.through = Convolution(inside, half, 1)
        self.blocks = nn.ModuleList(
            nn.Sequential(Convolution(half, half, 1), Convolution(half, half)) for _ in range(depth)
        )
        self.residual = residual
        self.join = Convolution(2 * half, outside, 1)

    def forward(self, values: Tensor) -> Tensor:
        """(n, inside, h, w) → (n, outside, h, w)."""
        through = self.through(values)
        for block in self.blocks:
            through = through + block(through) if self.residual else block(through)
        return cast(Tensor, self.join(torch.cat([through, self.aside(values)], 1)))


class Surroundings(nn.Module):
    """Three max-poolings in a row, joined: each cell learns of nearly the whole picture."""

    def __init__(self, channels: int) -> None:
        """Make one that keeps the number of channels."""
        super().__init__()
        self.narrow = Convolution(channels, channels // 2, 1)
        self.join = Convolution(channels * 2, channels, 1)

    def forward(self, values: Tensor) -> Tensor:
        """(n, channels, h, w) → the same shape."""
        views = [self.narrow(values)]
        for _ in range(3):
            views.append(functional.max_pool2d(views[-1], 5, 1, 2))
        return cast(Tensor, self.join(torch.cat(views, 1)))


class Head(nn.Module):
    """One branch for the score and one for the edges, so that neither disturbs the other."""

    def __init__(self, inside: int, channels: int) -> None:
        """Make the head of one grid."""
        super().__init__()
        self.stem = Convolution(inside, channels, 1)
        self.score = nn.Sequential(Convolution(channels, channels), nn.Conv2d(channels, 1, 1))
        self.edges = nn.Sequential(Convolution(channels, channels), nn.Conv2d(channels, 4, 1))
        nn.init.constant_(cast(Tensor, self.score[-1].bias), math.log(_FIRST_SCORE))
        nn.init.constant_(cast(Tensor, self.edges[-1].bias), math.log(_FIRST_REACH))

    def forward(self, values: Tensor) -> Tensor:
        """(n, inside, h, w) → (n, 5, h·w): four edges, then the score."""
        values = self.stem(values)
        return torch.cat([self.edges(values), self.score(values)], 1).flatten(2)


class DetectorNetwork(nn.Module):
    """The network, about 1.1 million weights at width 16.

    Args:
        width: channels of the first layer.
    """

    def __init__(self, width: int) -> None:
        """Draw the first weights at random."""
        super().__init__()
        small, middle, large = 4 * width, 6 * width, 8 * width
        self.first = nn.Sequential(
            Convolution(3, width, 3, 2),
            Convolution(width, 2 * width, 3, 2),
            Csp(2 * width, 2 * width, 1),
            Convolution(2 * width, small, 3, 2),
            Csp(small, small, 2),
        )
        self.second = nn.Sequential(Convolution(small, middle, 3, 2), Csp(middle, middle, 2))
        self.third = nn.Sequential(
            Convolution(middle, large, 3, 2), Csp(large, large, 1), Surroundings(large)
        )
        self.down_middle = Csp(large + middle, middle, 1, residual=False)
        self.down_small = Csp(middle + small, small, 1, residual=False)
        self.up_small = Convolution(small, small, 3, 2)
        self.up_middle = Csp(small + middle, middle, 1, residual=False)
        self.widen = Convolution(middle, middle, 3, 2)
        self.up_large = Csp(middle + large, large, 1, residual=False)
        self.heads = nn.ModuleList(Head(channels, small) for channels in (small, middle, large))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (n, 5, cells): logarithms of the reaches to left, top, right, bottom; the score.

        Args:
            pictures: (n, 3, height, width) RGB 0…1; both sides multiples of 32.

        Returns:
            Reaches are in cells of each grid, from the cell's middle; the score is a logit. The
            cells of the three grids follow each other, each row by row.
        """
        small = self.first(pictures)
        middle = self.second(small)
        large = self.third(middle)
        middle = self.down_middle(torch.cat([_doubled(large), middle], 1))
        small = self.down_small(torch.cat([_doubled(middle), small], 1))
        middle = self.up_middle(torch.cat([self.up_small(small), middle], 1))
        large = self.up_large(torch.cat([self.widen(middle), large], 1))
        levels = zip(self.heads, (small, middle, large), strict=True)
        return torch.cat([head(values) for head, values in levels], 2)


def _doubled(values: Tensor) -> Tensor:
    return functional.interpolate(values, scale_factor=2.0, mode="nearest")


def cells(side: int, device: torch.device | None = None) -> Tensor:
    """Return (3, cells) float32: x and y of each cell's middle in pixels, and its stride."""
    grids = []
    for stride in STRIDES:
        middles = (torch.arange(side // stride, device=device) + 0.5) * stride
        y, x = torch.meshgrid(middles, middles, indexing="ij")
        grids.append(torch.stack([x.flatten(), y.flatten(), torch.full_like(x.flatten(), stride)]))
    return torch.cat(grids, 1)


def corners(outputs: Tensor, grid: Tensor) -> Tensor:
    """Return (n, 4, cells): left, top, right, bottom in pixels.

    Args:
        outputs: (n, 5, cells) of the network.
        grid: of ``cells``.
    """
    reaches = outputs[:, :4].clamp(max=8).exp() * grid[2]
    middles = grid[:2]
    return torch.cat([middles - reaches[:, :2], middles + reaches[:, 2:]], 1)
