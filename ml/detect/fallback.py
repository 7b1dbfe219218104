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

LEAST_CONFIDENCE = 0.2

_WORKING_SIDE = 640
_LEAST_SHARE = 0.005  # of the photograph's area; what is smaller is dust, or a letter on a label
_LEAST_DIFFERENCE = 3.0  # ΔE that an eye just sees between two areas
_CERTAIN_DIFFERENCE = 6.0  # ΔE that no grain of a tray explains
_SHARES_OF_OTSU = (0.2, 0.35, 0.6, 1.0, 1.4)

# In pixels of the working size.
_SPECK = 3
_THREAD = 5  # wider than antennae and pins, narrower than tails
_BAND = 21  # a band as pale as the tray may cross a wing and cut off its tip
_EDGE_WINDOW = np.ones((9, 9), np.uint8)

Contour = NDArray[np.int32]
"""Shape (points, 1, 2), int32: column and row of each pixel along an outline, as OpenCV's."""


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
        small = fit_within(pixels, _WORKING_SIDE)
        judged = [_judge(part, small.shape[:2]) for part in parts(background_difference(small))]
        best = max(judged, key=_preference, default=None)
        if best is None or best.confidence < LEAST_CONFIDENCE:
            return []
        box = _scaled(best.box, max(height, width) / max(small.shape[:2]))
        return [Detection(box.clamped(width, height), best.confidence)]


def parts(difference: Field) -> Iterator[Contour]:
    """Outlines of everything of some size that stands out, at several levels of difference."""
    least_area = _LEAST_SHARE * difference.size
    for level in _levels(difference):
        mask = _without_threads(_filled(_standing_out(difference, level), _SPECK))
        apart = _outer_contours(mask)
        joined = _outer_contours(_filled(_without_things(mask, apart), _BAND))
        yield from (part for part in apart + joined if cv2.contourArea(part) >= least_area)


def _without_things(mask: Mask, contours: list[Contour]) -> Mask:
    """Without cards, labels and rulers, so that they are not joined to a specimen beside them."""
    things = [contour for contour in contours if _unlike_a_thing(contour) == 0]
    return cv2.drawContours(mask.copy(), things, -1, 0, cv2.FILLED).astype(np.uint8, copy=False)


def _levels(difference: Field) -> list[float]:
    """Shares of Otsu's threshold: low ones hold pale wings, high ones drop shadows."""
    steps = 4
    quantised = np.clip(difference * steps, 0, 255).astype(np.uint8)
    otsu = cv2.threshold(quantised, 0, 255, cv2.THRESH_OTSU)[0] / steps
    noise = float(np.percentile(difference, 25))
    least = min(max(_LEAST_DIFFERENCE, 3 * noise), _CERTAIN_DIFFERENCE)
    return sorted({max(least, share * otsu) for share in _SHARES_OF_OTSU})


def _standing_out(difference: Field, level: float) -> Mask:
    """Where the difference is above a level and above half of its largest value close by.

    The second puts the edge of a dark wing where it is, and not at the rim of its blur.
    """
    local = cv2.dilate(difference, _EDGE_WINDOW) / 2
    return np.where(difference > np.maximum(local, level), SPECIMEN, 0).astype(np.uint8)


def _filled(mask: Mask, gap: int) -> Mask:
    """Without holes, and without gaps of up to so many pixels."""
    square = np.ones((gap, gap), np.uint8)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, square).astype(np.uint8, copy=False)
    return cv2.drawContours(closed, _outer_contours(closed), -1, SPECIMEN, cv2.FILLED).astype(
        np.uint8, copy=False
    )


def _without_threads(mask: Mask) -> Mask:
    """Without antennae, legs, pins and bridges to things close by."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_THREAD, _THREAD))
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc).astype(np.uint8, copy=False)


def _outer_contours(mask: Mask) -> list[Contour]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return [contour.astype(np.int32, copy=False) for contour in contours]


def _judge(contour: Contour, shape: tuple[int, int]) -> Detection:
    """How much an outline looks like a specimen."""
    left, top, width, height = cv2.boundingRect(contour)
    box = Box(left, top, left + width, top + height)
    area = cv2.contourArea(contour)
    marks = (
        _unlike_a_thing(contour),
        _ramp(area / cv2.contourArea(cv2.convexHull(contour)), 0.3, 0.6),
        _ramp(_share_on_border(contour, shape), 0.3, 0.02),
        _ramp(_symmetry(contour, box), 0, 0.8),
        _centrality(box, shape),
        _ramp(area / (shape[0] * shape[1]), _LEAST_SHARE, 0.04),
        _ramp(area / (shape[0] * shape[1]), 0.8, 0.6),
    )
    return Detection(box, float(np.prod(marks)))


def _unlike_a_thing(contour: Contour) -> float:
    """Mark for not filling its rectangle as a card does, nor being as long as a ruler."""
    short, long = sorted(cv2.minAreaRect(contour)[1])
    filled = cv2.contourArea(contour) / max(short * long, 1.0)
    return _ramp(filled, 0.88, 0.76) * _ramp(long / max(short, 1.0), 5, 3)


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
