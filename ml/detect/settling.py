"""Boxes drawn to the edges that the photograph itself shows."""

from dataclasses import replace

import cv2
import numpy as np

from ml.detect.detector import Detection, Detector
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.contours import largest_contour
from ml.propose.grabcut import grabcut_from

LOOKED_AT = 200
"""Pixels on the long side of what is cut out of the photograph for it."""
REACH = 0.12
"""By how much the box is enlarged, in all, to where the specimen may reach."""
GROUND = 0.44
"""By how much it is enlarged to show enough ground."""
ROUNDS = 3
INWARD = 0.4
"""Share of the way that a side goes in: a pale wing may lie beyond the edge that was seen."""
SAME_SPECIMEN_IOU = 0.6


class SettlingDetector:
    """A detector whose boxes settle at the edges of what is in them; see ``settled``.

    For networks that are trained here: from a few hundred boxes a small one learns where the
    specimen is, and its sides are a twentieth off.

    Args:
        detector: finds the boxes.
    """

    def __init__(self, detector: Detector) -> None:
        """Look through another detector."""
        self._detector = detector

    @property
    def name(self) -> str:
        """That of the detector within."""
        return self._detector.name

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Find the specimens, best first; each costs about 75 ms more than the detector itself.

        Args:
            pixels: the photograph, (height, width, 3) uint8 RGB.
        """
        found = self._detector.detect(pixels)
        return [replace(each, box=settled(pixels, each.box)) for each in found]


def settled(pixels: Pixels, box: Box) -> Box:
    """Return the box with its sides at the edges that GrabCut finds from it.

    Where the specimen reaches out of the box, the side goes all the way; where it ends before, less
    than half of it. Sides that are a twentieth of the size off come much nearer, those that are
    right hardly move; see docs/decisions for figures.

    Args:
        pixels: the photograph, (height, width, 3) uint8 RGB.
        box: inside the photograph.

    Returns:
        A box inside the photograph; the same one where nothing like it is found.
    """
    seen = _seen(pixels, box)
    if seen is None or seen.iou(box) < SAME_SPECIMEN_IOU:
        return box
    return Box(
        _moved(box.left, seen.left, outward=seen.left < box.left),
        _moved(box.top, seen.top, outward=seen.top < box.top),
        _moved(box.right, seen.right, outward=seen.right > box.right),
        _moved(box.bottom, seen.bottom, outward=seen.bottom > box.bottom),
    )


def _moved(side: int, edge: int, *, outward: bool) -> int:
    return edge if outward else round(side + INWARD * (edge - side))


def _seen(pixels: Pixels, box: Box) -> Box | None:
    """The box of the largest thing that GrabCut separates from what lies around."""
    height, width = pixels.shape[:2]
    around = _enlarged(box, GROUND, width, height)
    scale = min(1.0, LOOKED_AT / max(around.width, around.height))
    size = round(around.width * scale), round(around.height * scale)
    if min(size) < 1:
        return None
    small = cv2.resize(around.cut(pixels), size, interpolation=cv2.INTER_AREA)
    inner = _enlarged(box, REACH, width, height).shifted(-around.left, -around.top)
    left, top, right, bottom = (
        round(edge * scale) for edge in (inner.left, inner.top, inner.right, inner.bottom)
    )
    labels = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    labels[top:bottom, left:right] = cv2.GC_PR_FGD
    mask = largest_contour(grabcut_from(small.astype(np.uint8, copy=False), labels, ROUNDS))
    if not mask.any():
        return None
    edges = Box.around(mask)
    return Box(
        around.left + round(edges.left / scale),
        around.top + round(edges.top / scale),
        around.left + round(edges.right / scale),
        around.top + round(edges.bottom / scale),
    ).clamped(width, height)


def _enlarged(box: Box, by: float, width: int, height: int) -> Box:
    return box.grown(by, by, by).clamped(width, height)
