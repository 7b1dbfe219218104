"""What every detector offers, and the second look at the halves of a photograph."""

from dataclasses import dataclass, replace
from typing import Protocol

from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box


@dataclass(frozen=True)
class Detection:
    """A specimen that a detector found.

    Args:
        box: the un-enlarged box of wings and body, in pixels of the photograph as stored.
        confidence: 0…1, higher is surer; comparable within one detector only.
    """

    box: Box
    confidence: float


class Detector(Protocol):
    """Finds specimens on photographs."""

    @property
    def name(self) -> str:
        """Which detector this is, to be kept with each box, such as ``yolo:moths``."""

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Find the specimens, best first.

        Args:
            pixels: the photograph, (height, width, 3) uint8 RGB.

        Returns:
            Boxes inside the photograph; empty when nothing is plausible.
        """


def find_specimen(detector: Detector, pixels: Pixels, *, half_split: bool) -> Detection | None:
    """Find the one specimen of a photograph.

    A specimen too small in the frame is missed by a detector that scales photographs down, so
    the left and the right half can be tried when the whole gave nothing (seed 000).

    Args:
        detector: who looks.
        pixels: the photograph, (height, width, 3) uint8 RGB.
        half_split: whether to try the halves.

    Returns:
        The surest detection, in pixels of the whole photograph, or None.
    """
    found = detector.detect(pixels)
    middle = pixels.shape[1] // 2
    if not found and half_split and middle:
        left, right = detector.detect(pixels[:, :middle]), detector.detect(pixels[:, middle:])
        found = left + [replace(half, box=half.box.shifted(middle, 0)) for half in right]
    return max(found, key=lambda detection: detection.confidence, default=None)
