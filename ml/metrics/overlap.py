"""How far a mask and the true one cover each other. Without torch."""

from dataclasses import dataclass

import numpy as np

from ml.imaging.arrays import Mask


@dataclass(frozen=True)
class Confusion:
    """Pixels of a mask and of the true one, counted for one of the two classes.

    Args:
        pixels: of the whole picture.
        given: of the class in the mask.
        true: of the class in the true mask.
        both: of the class in both.
    """

    pixels: int
    given: int
    true: int
    both: int

    @property
    def other(self) -> "Confusion":
        """The same counts for the other class."""
        both = self.pixels - self.given - self.true + self.both
        return Confusion(self.pixels, self.pixels - self.given, self.pixels - self.true, both)

    @property
    def present(self) -> bool:
        """Whether the class is in one of the masks."""
        return bool(self.given or self.true)

    @property
    def dice(self) -> float:
        """2·|both| / (|mask| + |truth|), 0…1; two empty masks agree fully."""
        return 2 * self.both / (self.given + self.true) if self.present else 1.0

    @property
    def iou(self) -> float:
        """|both| / |either|, 0…1; two empty masks agree fully."""
        return self.both / (self.given + self.true - self.both) if self.present else 1.0

    @property
    def precision(self) -> float:
        """Share of what the mask gives to the class that is right, 0…1; 0 where it gives none."""
        return self.both / self.given if self.given else 0.0


def confusion(mask: Mask, truth: Mask) -> Confusion:
    """Count the specimen's pixels.

    Args:
        mask: shape (height, width), uint8; what is not 0 counts as specimen.
        truth: the same for the true mask.

    Raises:
        ValueError: the shapes differ.
    """
    if mask.shape != truth.shape:
        raise ValueError(f"masks of shapes {mask.shape} and {truth.shape} cannot be compared")
    marked, true = mask != 0, truth != 0
    counted = (np.count_nonzero(pixels) for pixels in (marked, true, marked & true))
    return Confusion(mask.size, *map(int, counted))


def dice(mask: Mask, truth: Mask) -> float:
    """Return 2·|both| / (|mask| + |truth|), 0…1, as ``confusion`` counts; two empty ones give 1.

    Dice, "Measures of the amount of ecologic association between species", Ecology 1945.
    """
    return confusion(mask, truth).dice


def iou(mask: Mask, truth: Mask) -> float:
    """Return |both| / |either|, 0…1, as ``confusion`` counts; two empty masks give 1.

    Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 1912.
    """
    return confusion(mask, truth).iou
