"""What about a box deserves a look: pure functions of the photograph and of what was found."""

from collections.abc import Collection
from typing import Literal

import cv2
import numpy as np

from ml.detect.background import background_difference
from ml.detect.fallback import Contour, parts
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.read import fit_within

Warning = Literal["unsure", "touches-border", "ruler-or-card"]
"""The words of `app.domain.specimens.CropWarning` for what the pixels can tell."""

SURE = 0.5
SURE_FALLBACK = 0.75
"""Confidence below which a box is doubted: each kind of detector has its own scale."""
NEAR_BORDER = 0.003
"""Share of the photograph's side; a box that comes so close is cut by the photograph's edge."""
LEAST_IN_CROP = 0.002
"""Share of the crop's area that a ruler, card or label must take to be noted."""

STRAIGHT_FILL = 0.88
"""Share of its turned rectangle that a ruler, card or label fills, and hardly anything else."""

MOST_OF_PHOTOGRAPH = 0.15
"""Share of the photograph's area that none of them takes; what takes more is ground."""

_WORKING_SIDE = 480
# At most 0.7: each warning alone, whatever the confidence, leaves a doubt that the queue shows.
_WEIGHTS: dict[str, float] = {
    "unsure": 0.7,
    "touches-border": 0.7,
    "aspect": 0.7,
    "ruler-or-card": 0.6,
}


def warnings_of(
    pixels: Pixels, box: Box, found: Box, confidence: float | None, *, detector: str = ""
) -> list[Warning]:
    """Return why a person should look at a box.

    Args:
        pixels: the photograph, (height, width, 3) uint8 RGB.
        box: the crop: enlarged, in pixels of the photograph, inside it.
        found: the box before it was enlarged, in pixels of the photograph.
        confidence: the detector's, 0…1; None where there was no detector.
        detector: its name.

    Returns:
        ``unsure``: the confidence is below 0.5, that of the fallback below 0.75.
        ``touches-border``: what was found reaches the photograph's edge. ``ruler-or-card``:
        something straight-edged lies in the crop beside the specimen. In this order, none twice.
    """
    height, width = pixels.shape[:2]
    warnings: list[Warning] = []
    sure = SURE_FALLBACK if detector == "fallback" else SURE
    if confidence is not None and confidence < sure:
        warnings.append("unsure")
    if _touches_border(found, width, height):
        warnings.append("touches-border")
    if _share_of_things(pixels, box, found) >= LEAST_IN_CROP:
        warnings.append("ruler-or-card")
    return warnings


def doubt_of(confidence: float | None, warnings: Collection[str]) -> float:
    """Return how much a box needs a look, 0…1, larger is more: what the boxes are sorted by.

    One formula: 1 − confidence × the product of a weight below 1 for each warning.

    Args:
        confidence: the detector's, 0…1; None counts as a half, as nothing is known.
        warnings: words of ``warnings_of``, and ``aspect``; unknown ones count as nothing.
    """
    trust = 0.5 if confidence is None else min(max(confidence, 0.0), 1.0)
    for warning in set(warnings):
        trust *= _WEIGHTS.get(warning, 1.0)
    return 1 - trust


def _touches_border(found: Box, width: int, height: int) -> bool:
    across, down = NEAR_BORDER * width, NEAR_BORDER * height
    return (
        found.left <= across
        or found.top <= down
        or found.right >= width - across
        or found.bottom >= height - down
    )


def _share_of_things(pixels: Pixels, box: Box, found: Box) -> float:
    """Largest share of the crop that one ruler, card or label takes, 0…1."""
    small = fit_within(pixels, _WORKING_SIDE)
    scale = max(small.shape[:2]) / max(pixels.shape[:2])
    crop = np.zeros(small.shape[:2], np.uint8)
    left, top, right, bottom = (
        round(edge * scale) for edge in (box.left, box.top, box.right, box.bottom)
    )
    crop[top:bottom, left:right] = 1
    largest = 0
    for part in parts(background_difference(small)):
        if _is_thing(part, found, scale, crop.shape):
            thing = cv2.drawContours(np.zeros_like(crop), [part], -1, 1, cv2.FILLED)
            largest = max(largest, int(np.count_nonzero(np.minimum(thing, crop))))
    return largest / max(int(crop.sum()), 1)


def _is_thing(part: Contour, found: Box, scale: float, shape: tuple[int, ...]) -> bool:
    """Tell whether an outline is straight-edged, and not the specimen itself."""
    short, long = cv2.minAreaRect(part)[1]
    area = cv2.contourArea(part)
    if area < STRAIGHT_FILL * short * long or area > MOST_OF_PHOTOGRAPH * shape[0] * shape[1]:
        return False
    left, top, width, height = (edge / scale for edge in cv2.boundingRect(part))
    own = Box(round(left), round(top), round(left + width), round(top + height))
    return own.iou(found) < 0.5
