"""Colours of a specimen at the cells of a grid that lies over its wings."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import SPECIMEN, Mask, Pixels
from ml.strata.config import StrataConfig

Colours = NDArray[np.uint8]
"""Shape (cells, 3), uint8: saturation · cos(hue), saturation · sin(hue), value; 255 is missing.

The first two go from −1 at 0 to 1 at 254, the value from 0 to 1. Hue goes round in a circle, so it
cannot be averaged as a number; and the hue of grey, which is noise, has no length here.
"""

MISSING = 255
_MOST = 254
_SIDE = 512
"""Pixels of the longer side that is sampled from: more would only be averaged away."""
_ROUND = 0.1
"""A mask whose two spreads differ by less than this share shows no axis, and is left upright."""
_OUTSIDE = 0.5
"""Per cent of the mask's pixels that may lie beyond each side of the box: feelers, tails."""


def wing_colours(pixels: Pixels, mask: Mask | None, config: StrataConfig) -> Colours:
    """Return the mean colour of each grid cell over the wings, row by row, uint8 (cells, 3).

    The grid lies in the box around the mask, turned with it by up to 45°: a specimen's axis of
    symmetry is a principal axis of its mask. Only pixels inside the mask count.

    Args:
        pixels: shape (height, width, 3), uint8.
        mask: uint8, what is not 0 counts as specimen; of the same proportions as the pixels,
            whatever its size. Without one, or if it is empty, the whole picture counts.
        config: see there.
    """
    small, inside = _shrunk(pixels, mask)
    way = _grid_to_picture(inside, config)
    size = config.columns * config.patch, config.rows * config.patch
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    colours = _chroma(np.asarray(cv2.warpAffine(small, way, size, flags=flags), np.uint8))
    counted = cv2.warpAffine(inside, way, size, flags=flags) >= SPECIMEN / 2
    share = _cell_means(counted[..., None].astype(np.float32), config)
    means = _cell_means(colours * counted[..., None], config) / np.maximum(share, 1e-6)
    coded = np.round((means * (0.5, 0.5, 1.0) + (0.5, 0.5, 0.0)) * _MOST).astype(np.uint8)
    coded[share[:, 0] < config.covered] = MISSING
    return coded


def saturation(colours: Colours) -> NDArray[np.float32]:
    """Return (…, cells) float32 saturations 0…1 of colours (…, cells, 3); missing ones are NaN."""
    turned = colours[..., :2].astype(np.float32) * (2 / _MOST) - 1
    lengths = np.hypot(turned[..., 0], turned[..., 1])
    return np.where(colours[..., 2] == MISSING, np.float32(np.nan), lengths)


def brightness(colours: Colours) -> NDArray[np.float32]:
    """Return (…,) float32 mean values 0…1 of colours (…, cells, 3); NaN where all are missing."""
    there = colours[..., 2] != MISSING
    total = np.where(there, colours[..., 2], 0).sum(axis=-1) / _MOST
    with np.errstate(invalid="ignore"):
        return np.asarray(total / there.sum(axis=-1), np.float32)


def cell_count(config: StrataConfig) -> int:
    """Return how many cells ``wing_colours`` gives."""
    return config.rows * int(_wing_columns(config).sum())


def _wing_columns(config: StrataConfig) -> NDArray[np.bool_]:
    """Columns that do not lie on the body."""
    centres = (np.arange(config.columns) + 0.5) / config.columns
    return np.abs(centres - 0.5) > config.body / 2


def _shrunk(pixels: Pixels, mask: Mask | None) -> tuple[Pixels, Mask]:
    height, width = pixels.shape[:2]
    share = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * share)), max(1, round(height * share))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    whole = np.full(small.shape[:2], SPECIMEN, np.uint8)
    if mask is None:
        return small, whole
    inside = cv2.resize(mask, size, interpolation=cv2.INTER_AREA) >= SPECIMEN / 2
    return small, np.where(inside, SPECIMEN, 0).astype(np.uint8) if inside.any() else whole


def _grid_to_picture(inside: Mask, config: StrataConfig) -> NDArray[np.float64]:
    """Return the 2×3 matrix from pixels of the grid's raster to pixels of the picture."""
    angle = _lean(inside)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    rows, columns = np.nonzero(inside)
    along = np.column_stack((columns, rows)) @ turn
    low, high = np.percentile(along, [_OUTSIDE, 100 - _OUTSIDE], axis=0)
    raster = np.array([config.columns, config.rows]) * config.patch
    steps = (high - low + 1) / raster
    corner = turn @ (low - 0.5 + 0.5 * steps)
    return np.column_stack((turn * steps, corner))


def _lean(inside: Mask) -> float:
    """Return by how many radians the mask's axis is turned from upright, −π/4…π/4."""
    moments = cv2.moments(inside, binaryImage=True)
    across, down, both = moments["mu20"], moments["mu02"], moments["mu11"]
    if np.hypot(across - down, 2 * both) < _ROUND * (across + down):
        return 0.0
    angle = 0.5 * np.arctan2(2 * both, across - down)
    return float((angle + np.pi / 4) % (np.pi / 2) - np.pi / 4)


def _chroma(pixels: Pixels) -> NDArray[np.float32]:
    """Return (…, 3) float32: saturation · cos(hue), saturation · sin(hue), value."""
    hue, sat, value = cv2.split(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2HSV))
    turned = np.radians(hue)
    return np.dstack((sat * np.cos(turned), sat * np.sin(turned), value)).astype(np.float32)


def _cell_means(raster: NDArray[np.float32], config: StrataConfig) -> NDArray[np.float32]:
    """Return (cells, channels) means over the cells of the wings, row by row."""
    cells = raster.reshape(config.rows, config.patch, config.columns, config.patch, -1)
    wings = cells.mean(axis=(1, 3))[:, _wing_columns(config)]
    return np.asarray(wings.reshape(-1, raster.shape[2]), np.float32)
