"""Random changes to the light of training pictures; where things are stays.

kornia's operations do the work, but what they are told is drawn here, from a generator that is
passed in: kornia's own augmentations draw from torch's global state, and a training could then
not go on exactly from a checkpoint. An operation works only on the pictures that drew it.
"""

from collections.abc import Callable

import cv2
import numpy as np
import torch
from kornia.enhance import equalize, jpeg_codec_differentiable
from kornia.filters import gaussian_blur2d
from torch import Generator, Tensor
from torch.nn import functional

from ml.config import Augmentation

UPWARDS = 0.5
"""Pictures are brightened half as far as darkened: white and transparent wings would lose their
edge."""
BLUR = (0.4, 1.5)
"""Deviation of the Gaussian in pixels."""
SHARPEN = (0.5, 2.0)
"""How much of what a blur takes away is added."""
QUALITY = (15.0, 70.0)
"""Of the JPEG."""
CELLS = 16
"""Coarse dropout blanks cells of a grid of so many rows and columns."""
DROPPED = (0.02, 0.1)
"""Share of the cells."""
CUT_OUT = (0.05, 0.2)
"""Sides of a cut-out, as shares of the picture's."""
MOST_CUT_OUTS = 3

Change = Callable[[Tensor, Generator], Tensor]


def relight(pictures: Tensor, config: Augmentation, generator: Generator) -> Tensor:
    """Return pictures under other light: colour first, then lens, noise, file and what covers.

    Args:
        pictures: shape (n, 3, side, side), float32, as ``as_pictures`` gives: 0 for white.
        config: how far each change goes; a strength of 0 leaves it out, and draws nothing.
        generator: where the randomness comes from, on the CPU, wherever the pictures are.
    """
    light = _tint(1 - pictures, config, generator)  # from here on a copy, changed in its place
    light = _some(light, config.equalise, _equalise, generator)
    light = _brighten(light, config, generator)
    light = _some(light, config.blur, _blur, generator)
    light = _some(light, config.sharpen, _sharpen, generator)
    light = _noise(light, config.noise, generator)
    light = _some(light, config.compression, _compress, generator)
    light = _some(light, config.dropout, _drop, generator)
    light = _some(light, config.cutout, _cut_out, generator)
    return light.neg_().add_(1)


def uniform(shape: tuple[int, ...], low: float, high: float, generator: Generator) -> Tensor:
    """Draw numbers from ``low`` to ``high``."""
    return low + (high - low) * torch.rand(shape, generator=generator)


def _some(light: Tensor, chance: float, change: Change, generator: Generator) -> Tensor:
    """Change the pictures that draw it."""
    if not chance:
        return light
    drawn = torch.rand(len(light), generator=generator) < chance
    chosen = drawn.nonzero().flatten().to(light.device)
    if len(chosen):
        light[chosen] = change(light[chosen], generator)
    return light


def _tint(light: Tensor, config: Augmentation, generator: Generator) -> Tensor:
    """Turn hues, change how saturated they are, and colour the light: all one matrix."""
    if not config.channels and not config.hue_saturation:
        return light
    reach = config.hue_saturation
    turn = uniform((len(light),), -reach, reach, generator) * torch.pi / 2
    saturation = uniform((len(light),), 1 - reach, 1 + reach, generator)
    cos, sin = saturation * turn.cos(), saturation * turn.sin()
    zero, one = torch.zeros_like(cos), torch.ones_like(cos)
    # In YIQ, grey is the first axis, and hues go round it.
    rows = [(one, zero, zero), (zero, cos, -sin), (zero, sin, cos)]
    turned = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)
    lamp = uniform(
        (len(light), 3, 1), 1 - config.channels, 1 + UPWARDS * config.channels, generator
    )
    matrix = lamp * (_FROM_YIQ @ turned @ _TO_YIQ)
    return torch.bmm(matrix.to(light.device), light.flatten(2)).view_as(light).clamp_(0, 1)


_TO_YIQ = torch.tensor([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
_FROM_YIQ = torch.linalg.inv(_TO_YIQ)


def _brighten(light: Tensor, config: Augmentation, generator: Generator) -> Tensor:
    if not config.brightness and not config.contrast:
        return light
    shape = (len(light), 1, 1, 1)
    more = uniform(shape, -config.brightness, UPWARDS * config.brightness, generator)
    contrast = uniform(shape, 1 - config.contrast, 1 + config.contrast, generator)
    contrast, more = contrast.to(light.device), more.to(light.device)
    more = light.mean(dim=(1, 2, 3), keepdim=True) * (1 - contrast) + more
    return light.mul_(contrast).add_(more).clamp_(0, 1)


def _equalise(light: Tensor, generator: Generator) -> Tensor:
    share = uniform((len(light), 1, 1, 1), 0, 1, generator).to(light.device)
    return light.lerp(equalize(light), share)


def _blur(light: Tensor, generator: Generator) -> Tensor:
    return _blurred(light, uniform((len(light), 1), *BLUR, generator))


def _sharpen(light: Tensor, generator: Generator) -> Tensor:
    more = uniform((len(light), 1, 1, 1), *SHARPEN, generator).to(light.device)
    softer = _blurred(light, torch.ones(len(light), 1))
    return (light + more * (light - softer)).clamp(0, 1)


def _blurred(light: Tensor, deviation: Tensor) -> Tensor:
    blurred: Tensor = gaussian_blur2d(light, (7, 7), deviation.expand(-1, 2).to(light.device))
    return blurred


def _noise(light: Tensor, most: float, generator: Generator) -> Tensor:
    """Half the pictures get noise: how much is drawn for each of them."""

    def add(some: Tensor, generator: Generator) -> Tensor:
        deviation = uniform((len(some), 1, 1, 1), 0, most, generator).to(some.device)
        noise = torch.randn(some.shape, generator=_there(some, generator), device=some.device)
        return noise.mul_(deviation).add_(some).clamp_(0, 1)

    return _some(light, 0.5 if most else 0.0, add, generator)


def _compress(light: Tensor, generator: Generator) -> Tensor:
    """Through OpenCV's JPEG on a CPU, where kornia's takes ten times as long."""
    quality = uniform((len(light),), *QUALITY, generator)
    if light.device.type == "cpu":
        return torch.stack([_through_file(*pair) for pair in zip(light, quality, strict=True)])
    compressed: Tensor = jpeg_codec_differentiable(light, quality.to(light.device))
    return compressed.clamp(0, 1)


def _through_file(light: Tensor, quality: Tensor) -> Tensor:
    pixels = (light.flip(0) * 255).round().byte().permute(1, 2, 0).numpy()
    written = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, round(quality.item())))[1]
    read = np.asarray(cv2.imdecode(written, cv2.IMREAD_COLOR_RGB))
    return torch.from_numpy(read).permute(2, 0, 1).float() / 255


def _drop(light: Tensor, generator: Generator) -> Tensor:
    share = uniform((len(light), 1, 1, 1), *DROPPED, generator)
    dropped = torch.rand((len(light), 1, CELLS, CELLS), generator=generator) < share
    cells = functional.interpolate(dropped.float(), light.shape[2:], mode="nearest")
    return light * (1 - cells.to(light.device))


def _cut_out(light: Tensor, generator: Generator) -> Tensor:
    """Cover up to three rectangles, each black or white."""
    count, _, side, _ = light.shape
    place = (torch.arange(side) + 0.5) / side
    for number in range(MOST_CUT_OUTS):
        centre = torch.rand((count, 2, 1), generator=generator)
        reach = uniform((count, 2, 1), *CUT_OUT, generator) / 2
        there = torch.rand((count, 1), generator=generator) < 1 / (number + 1)
        white = torch.randint(2, (count, 1, 1, 1), generator=generator).float()
        rows, columns = ((place - centre).abs() < reach).unbind(dim=1)
        inside = (rows & there)[:, None, :, None] & columns[:, None, None, :]
        light = torch.where(inside.to(light.device), white.to(light.device), light)
    return light


def _there(light: Tensor, generator: Generator) -> Generator:
    """Return a generator where the pictures are: whole pictures of numbers are too much to move."""
    seed = int(torch.randint(2**62, (1,), generator=generator))
    return Generator(light.device).manual_seed(seed)
