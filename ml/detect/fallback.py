"""Finding the specimen without a trained network: what differs from the tray and looks like one."""

from collections.abc import Iterator
from math import exp, pow

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.detect.background import Field, background_difference
from ml.detect.detector import Detection
from ml.imaging.arrays import SPECIMEN, Mask, Pixels
from ml.imaging.boxes import Box
from ml.imaging.read import fit_within

WORKING_SIDE = 640
LEAST_CONFIDENCE = 0.1
LEAST_DIFFERENCE = 6.0
LEAST_SHARE = 0.005
"""Of the photograph's area; what is smaller is dust, or a letter on a label."""

Contour = NDArray[np.int32]

_LEVELS = (0.35, 0.6, 1.0, 1.4)
_EDGE_WINDOW = np.ones((9, 9), np.uint8)


class FallbackDetector:
    """Finds the one specimen on a plain ground, not the ruler, colour card or label beside it.

    A smooth background is fitted, and what differs from it is judged by its shape: cards and
    labels fill their rectangle, rulers are long, a specimen is symmetrical and near the middle.
    """

    name = "fallback"

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Find the specimen.

        Args:
            pixels: the photograph, (height, width, 3) uint8 RGB.

        Returns:
            One detection, or none on an empty tray. The confidence is the product of the marks
            0…1 that the shape got, 1 for an undoubted specimen.
        """
        height, width = pixels.shape[:2]
        small = fit_within(pixels, WORKING_SIDE)
        judged = [_judge(part, small.shape[:2]) for part in _parts(background_difference(small))]
        best = max(judged, key=_preference, default=None)
        if best is None or best.confidence < LEAST_CONFIDENCE:
            return []
        box = _scaled(best.box, max(height, width) / max(small.shape[:2]))
        return [Detection(box.clamped(width, height), best.confidence)]


def _parts(difference: Field) -> Iterator[Contour]:
    """Outlines of everything of some size that stands out, at several levels of difference."""
    least_area = LEAST_SHARE * difference.size
    for level in _levels(difference):
        mask = _without_threads(_filled(_standing_out(difference, level)))
        for contour in _outer_contours(mask):
            if cv2.contourArea(contour) >= least_area:
                yield contour


def _levels(difference: Field) -> list[float]:
    """Shares of Otsu's threshold: low ones hold pale wings, high ones drop shadows."""
    steps = 4
    quantised = np.clip(difference * steps, 0, 255).astype(np.uint8)
    otsu = cv2.threshold(quantised, 0, 255, cv2.THRESH_OTSU)[0] / steps
    return sorted({max(LEAST_DIFFERENCE, share * otsu) for share in _LEVELS})


def _standing_out(difference: Field, level: float) -> Mask:
    """Where the difference is above a level and above half of its largest value close by.

    The second puts the edge of a dark wing where it is, and not at the rim of its blur.
    """
    local = cv2.dilate(difference, _EDGE_WINDOW) / 2
    return np.where(difference > np.maximum(local, level), SPECIMEN, 0).astype(np.uint8)


def _filled(mask: Mask) -> Mask:
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _disc(3)).astype(np.uint8, copy=False)
    return cv2.drawContours(closed, _outer_contours(closed), -1, SPECIMEN, cv2.FILLED).astype(
        np.uint8, copy=False
    )


def _without_threads(mask: Mask) -> Mask:
    """Without antennae, legs, pins and bridges to things close by."""
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, _disc(5)).astype(np.uint8, copy=False)


def _disc(diameter: int) -> Mask:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter)).astype(np.uint8)


def _outer_contours(mask: Mask) -> list[Contour]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return [contour.astype(np.int32, copy=False) for contour in contours]


def _judge(contour: Contour, shape: tuple[int, int]) -> Detection:
    """How much an outline looks like a specimen."""
    left, top, width, height = cv2.boundingRect(contour)
    box = Box(left, top, left + width, top + height)
    area = cv2.contourArea(contour)
    _, sides, _ = cv2.minAreaRect(contour)
    marks = (
        _ramp(area / (sides[0] * sides[1]), 0.92, 0.8),
        _ramp(max(sides) / min(sides), 5, 3),
        _ramp(area / cv2.contourArea(cv2.convexHull(contour)), 0.3, 0.6),
        _ramp(_share_on_border(contour, shape), 0.3, 0.02),
        _ramp(_symmetry(contour, box), 0, 0.8),
        _centrality(box, shape),
        _ramp(area / (shape[0] * shape[1]), LEAST_SHARE, 0.04),
        _ramp(area / (shape[0] * shape[1]), 0.8, 0.6),
    )
    return Detection(box, float(np.prod(marks)))


def _ramp(value: float, bad: float, good: float) -> float:
    """0 at ``bad`` and beyond, 1 at ``good`` and beyond, a straight line between."""
    return min(max((value - bad) / (good - bad), 0.0), 1.0)


def _share_on_border(contour: Contour, shape: tuple[int, int]) -> float:
    x, y = contour[:, 0, 0], contour[:, 0, 1]
    return float(((x == 0) | (y == 0) | (x == shape[1] - 1) | (y == shape[0] - 1)).mean())


def _symmetry(contour: Contour, box: Box) -> float:
    """Intersection over union of the outline with its mirror image, left for right."""
    canvas = np.zeros((box.height, box.width), np.uint8)
    cv2.drawContours(canvas, [contour - (box.left, box.top)], -1, 1, cv2.FILLED)
    mirrored = canvas[:, ::-1]
    return int((canvas & mirrored).sum()) / int((canvas | mirrored).sum())


def _centrality(box: Box, shape: tuple[int, int]) -> float:
    across = (box.left + box.right) / 2 / shape[1] - 0.5
    down = (box.top + box.bottom) / 2 / shape[0] - 0.5
    return exp(-4 * (across**2 + down**2))


def _preference(detection: Detection) -> float:
    """Larger is better, as the marks hardly tell a whole specimen from one wing of it."""
    return detection.confidence * pow(detection.box.area, 0.25)


def _scaled(box: Box, scale: float) -> Box:
    left, top, right, bottom = (
        round(edge * scale) for edge in (box.left, box.top, box.right, box.bottom)
    )
    return Box(left, top, right, bottom)
