"""Superpixels: small regions of one colour, along whose edges other methods decide."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import felzenszwalb

from ml.imaging.arrays import Pixels

Regions = NDArray[np.int32]
"""Shape (height, width), int32: the id of each pixel's region, 0 … number of regions - 1."""


@dataclass(frozen=True)
class FelzenszwalbConfig:
    """Settings of Felzenszwalb's method.

    Args:
        scale: higher makes larger regions.
        sigma: blur before segmenting, in pixels.
        min_size: smallest region, in pixels.
    """

    scale: float = 400.0
    sigma: float = 0.5
    min_size: int = 20


def felzenszwalb_regions(pixels: Pixels, config: FelzenszwalbConfig) -> Regions:
    """Return the regions of Felzenszwalb and Huttenlocher, IJCV 2004, by scikit-image.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.
        config: how coarse the regions are.
    """
    regions = felzenszwalb(pixels, scale=config.scale, sigma=config.sigma, min_size=config.min_size)
    return np.asarray(regions, np.int32)
