"""Superpixels: small regions of one colour, along whose edges other methods decide."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import felzenszwalb, quickshift, slic, watershed

from ml.imaging.arrays import Pixels

Regions = NDArray[np.int32]
"""Shape (height, width), int32: the id of each pixel's region, 0 … number of regions - 1."""

Field = NDArray[np.float32]
"""Shape (height, width) or (height, width, channels), float32."""

_WANDER = 0.3
"""How far a seed may leave the middle of its cell for even ground, as a share of the cell."""


@dataclass(frozen=True)
class Felzenszwalb:
    """Felzenszwalb and Huttenlocher, "Efficient graph-based image segmentation", IJCV 2004.

    Args:
        scale: higher makes larger regions.
        sigma: blur before, in pixels.
        min_size: smallest region, in pixels.
    """

    scale: float = 400.0
    sigma: float = 0.5
    min_size: int = 20

    def regions(self, pixels: Pixels) -> Regions:
        """Return the regions of a picture of shape (height, width, 3), uint8 RGB."""
        found = felzenszwalb(
            pixels, scale=self.scale, sigma=self.sigma, min_size=self.min_size, channel_axis=2
        )
        return _numbered(found)


@dataclass(frozen=True)
class Slic:
    """Achanta et al., "SLIC superpixels compared to state-of-the-art methods", TPAMI 2012.

    Args:
        count: about how many regions.
        compactness: higher makes squarer regions; 10 weighs the place as much as the colour.
        sigma: blur before, in pixels.
    """

    count: int = 2000
    compactness: float = 10.0
    sigma: float = 0.5

    def regions(self, pixels: Pixels) -> Regions:
        """Return the regions of a picture of shape (height, width, 3), uint8 RGB."""
        found = slic(pixels, n_segments=self.count, compactness=self.compactness, sigma=self.sigma)
        return _numbered(found)


@dataclass(frozen=True)
class Quickshift:
    """Vedaldi and Soatto, "Quick shift and kernel methods for mode seeking", ECCV 2008.

    Args:
        kernel_size: width of the density's kernel, in pixels; higher makes larger regions.
        max_dist: farthest that a pixel's parent may lie; higher makes larger regions.
        ratio: 0…1, what colour counts against place.
    """

    kernel_size: float = 2.0
    max_dist: float = 6.0
    ratio: float = 0.8

    def regions(self, pixels: Pixels) -> Regions:
        """Return the regions of a picture of shape (height, width, 3), uint8 RGB."""
        found = quickshift(  # type: ignore[no-untyped-call]
            pixels, kernel_size=self.kernel_size, max_dist=self.max_dist, ratio=self.ratio
        )
        return _numbered(found)


@dataclass(frozen=True)
class CompactWatershed:
    """Neubert and Protzel, "Compact watershed and preemptive SLIC", ICPR 2014.

    Args:
        count: about how many regions.
        compactness: higher makes squarer regions; 0 is the plain watershed.
    """

    count: int = 600
    compactness: float = 0.0

    def regions(self, pixels: Pixels) -> Regions:
        """Return the regions of a picture of shape (height, width, 3), uint8 RGB."""
        return watershed_regions(edge_strength(pixels), self.count, self.compactness)


Superpixels = Felzenszwalb | Slic | Quickshift | CompactWatershed
"""A way of cutting a picture into small regions, with its settings."""


def lab_colours(pixels: Pixels, blur: float = 0.0) -> Field:
    """Return CIE L*a*b*, shape (height, width, 3), float32, after a Gaussian blur in pixels."""
    smooth = cv2.GaussianBlur(pixels, (0, 0), blur) if blur else pixels
    return np.asarray(cv2.cvtColor(smooth.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def edge_strength(pixels: Pixels, blur: float = 0.7) -> Field:
    """Return how steeply the colour changes at each pixel, in the channel where it does so most.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.
        blur: Gaussian blur before, in pixels.

    Returns:
        Shape (height, width), float32: Scharr's gradient of CIE L*a*b*, 32 per ΔE and pixel.
    """
    lab = lab_colours(pixels, blur)
    across, down = cv2.Scharr(lab, cv2.CV_32F, 1, 0), cv2.Scharr(lab, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(across, down).max(axis=2), np.float32)


def watershed_regions(edges: Field, count: int, compactness: float = 0.0) -> Regions:
    """Return about ``count`` connected regions that meet along the strongest edges.

    Each grows from a seed in a cell of a square grid (Meyer, "Un algorithme optimal pour la ligne
    de partage des eaux", 1991), without compactness. On 10 museum and 40 field photographs, 600
    such regions follow the true masks to a mean Dice of 0.981 and 0.983 in 0.05 s; SLIC 0.980 and
    0.978, Felzenszwalb's (half as many, of uneven size) 0.980 and 0.981 at 4 times the time, and
    watershed the less, the more compact.

    Args:
        edges: shape (height, width), float32, as ``edge_strength`` returns it.
        count: how many are wanted; rounded to whole rows and columns.
        compactness: higher makes squarer regions.
    """
    grown = watershed(edges, _seeds(edges, count), compactness=compactness)  # type: ignore[no-untyped-call]
    return np.asarray(grown - 1, np.int32)


def _numbered(regions: NDArray[np.integer]) -> Regions:
    """Ids without gaps from 0 on."""
    return np.asarray(np.unique(regions, return_inverse=True)[1], np.int32).reshape(regions.shape)


def _seeds(edges: Field, count: int) -> Regions:
    """Numbers from 1 on, each where the edges are weakest near the middle of its cell."""
    height, width = edges.shape
    step = max(1.0, float(np.sqrt(height * width / count)))
    reach = max(1, int(_WANDER * step))
    seeds = np.zeros((height, width), np.int32)
    for y in np.arange(min(step, height) / 2, height, step).astype(int):
        for x in np.arange(min(step, width) / 2, width, step).astype(int):
            top, left = max(0, y - reach), max(0, x - reach)
            near = edges[top : y + reach + 1, left : x + reach + 1]
            row, column = divmod(int(near.argmin()), near.shape[1])
            seeds[top + row, left + column] = 1
    seeds[seeds > 0] = np.arange(1, np.count_nonzero(seeds) + 1)
    return seeds
