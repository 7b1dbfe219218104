"""Dense CRF: a mask drawn to the edges of its picture. Needs pydensecrf2, which is optional."""

import importlib.util
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.errors import CrfMissing
from ml.imaging.arrays import Pixels


@dataclass(frozen=True)
class CrfConfig:
    """Settings of the dense CRF; the defaults are the lab's, for masks of about 256 × 256 pixels.

    Args:
        certainty: 0.5…1, how sure the input is where it says 0 or 1. For a mask 0.7; for a trained
            model's probability 1, which takes it as it is.
        near: standard deviation in pixels of the term that makes neighbours alike.
        near_weight: of that term.
        far: standard deviation in pixels of the term that makes pixels of one colour alike.
        colour: standard deviation of that term in RGB levels, 0…255.
        far_weight: of that term.
        steps: of mean-field inference.
    """

    certainty: float = 0.7
    near: float = 3.0
    near_weight: float = 3.0
    far: float = 80.0
    colour: float = 13.0
    far_weight: float = 10.0
    steps: int = 8


def is_available() -> bool:
    """Return whether pydensecrf2 is installed; it is built from source and needs a compiler."""
    return importlib.util.find_spec("pydensecrf") is not None


def dense_crf(
    pixels: Pixels, probability: NDArray[np.float32], config: CrfConfig
) -> NDArray[np.float32]:
    """Return each pixel's probability of specimen once pixels of one colour nearby have agreed.

    Krähenbühl and Koltun, "Efficient inference in fully connected CRFs with Gaussian edge
    potentials", NIPS 2011.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.
        probability: of specimen, shape (height, width), float32, 0…1; a mask is 0 and 1.
        config: the settings.

    Returns:
        Shape (height, width), float32, 0…1.

    Raises:
        CrfMissing: pydensecrf2 is not installed.
        ValueError: the shapes differ.
    """
    if not is_available():
        raise CrfMissing("Dense CRF is not installed: install a C++ compiler, then `make install`.")
    from pydensecrf.densecrf import DenseCRF2D
    from pydensecrf.utils import unary_from_softmax

    if probability.shape != pixels.shape[:2]:
        raise ValueError(f"{probability.shape} does not belong to a picture {pixels.shape}")
    height, width = probability.shape
    believed = 0.5 + (2 * config.certainty - 1) * (probability - 0.5)
    field = DenseCRF2D(width, height, 2)
    field.setUnaryEnergy(unary_from_softmax(np.stack((1 - believed, believed))))
    field.addPairwiseGaussian(sxy=config.near, compat=config.near_weight)
    field.addPairwiseBilateral(
        sxy=config.far,
        srgb=config.colour,
        rgbim=np.ascontiguousarray(pixels),
        compat=config.far_weight,
    )
    agreed = np.asarray(field.inference(config.steps), np.float32)
    return np.asarray(agreed[1].reshape(height, width), np.float32)
