"""How two masks of one specimen differ: in numbers, and as a picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Colour, Mask, Pixels

ADDED: Colour = (60, 235, 80)
REMOVED: Colour = (230, 30, 50)


@dataclass(frozen=True)
class Difference:
    """Pixels that the newer mask adds, removes and keeps."""

    added: int
    removed: int
    kept: int

    @property
    def dice(self) -> float:
        """Agreement of the two masks, 0…1; two empty ones agree fully."""
        changed = self.added + self.removed
        return 2 * self.kept / (2 * self.kept + changed) if self.kept or changed else 1.0


def difference(old: Mask, new: Mask) -> Difference:
    """Count in what two masks differ.

    Args:
        old: shape (height, width), uint8; what is not 0 counts as specimen.
        new: the same for the newer mask.

    Raises:
        ValueError: the shapes differ.
    """
    _check(old, new)
    kept = cv2.countNonZero(cv2.bitwise_and(old, new))
    return Difference(cv2.countNonZero(new) - kept, cv2.countNonZero(old) - kept, kept)


def difference_picture(pixels: Pixels, old: Mask, new: Mask) -> Pixels:
    """Return the crop in grey, darker outside both masks, with added green and removed red.

    Args:
        pixels: shape (height, width, 3), uint8: the crop, perhaps scaled down.
        old: shape (full height, full width), uint8, only 0 and 255; as large as ``pixels``, or
            larger. A pixel of the picture is coloured if any pixel under it changed,
            so that a thin difference does not vanish when scaled.
        new: the same for the newer mask.

    Raises:
        ValueError: the shapes of the masks differ.
    """
    _check(old, new)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    dimmed = (grey * np.float32(0.45)).astype(np.uint8)
    lit = np.where(_scaled(old & new, pixels), grey, dimmed)
    picture = cv2.cvtColor(lit, cv2.COLOR_GRAY2RGB)
    picture[_scaled(old & ~new, pixels)] = REMOVED
    picture[_scaled(new & ~old, pixels)] = ADDED
    return np.asarray(picture, np.uint8)


def _scaled(mask: Mask, pixels: Pixels) -> NDArray[np.bool_]:
    height, width = pixels.shape[:2]
    return cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA) > 0


def _check(old: Mask, new: Mask) -> None:
    if old.shape != new.shape:
        raise ValueError(f"masks of shapes {old.shape} and {new.shape} cannot be compared")
