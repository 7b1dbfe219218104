"""How well detectors find specimens whose boxes are known."""

import math
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ml.detect.detector import Detector, find_specimen
from ml.detect.examples import Example
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.progress import OnProgress, Progress, silent

GOOD_IOU = 0.8
GROWTH = 0.1
"""How much a box is enlarged before it is looked whether the specimen is whole: the lab's least."""
WHOLE = 0.99
"""Share of the true box's area that must lie in the enlarged one."""
MOST_GROWTH = 2.0
WANTED_WHOLE = 0.97


@dataclass(frozen=True)
class Figures:
    """How well one detector found specimens.

    Args:
        specimens: how many there were to find.
        mean_iou: of found and true boxes, 0…1; a missed specimen counts 0.
        share_good: of the specimens with an IoU of at least 0.8, 0…1.
        share_whole: of those that lie whole in the box enlarged by 0.1: at least 99 % of the true
            box's area, 0…1.
        milliseconds: that a photograph took, mean.
    """

    specimens: int
    mean_iou: float
    share_good: float
    share_whole: float
    milliseconds: float = 0.0


Found = tuple[Box | None, Box]
"""What was found, if anything, and the true box."""


def figures_of(pairs: Sequence[Found], milliseconds: float = 0.0) -> Figures:
    """Return the figures of found and true boxes; all 0 where there are none.

    Args:
        pairs: found box or None, and true box, un-enlarged, in pixels.
        milliseconds: passed through.
    """
    if not pairs:
        return Figures(0, 0.0, 0.0, 0.0, milliseconds)
    ious = np.array([found.iou(true) if found else 0.0 for found, true in pairs])
    whole = [found is not None and is_whole(found, true) for found, true in pairs]
    return Figures(
        len(pairs),
        float(ious.mean()),
        float((ious >= GOOD_IOU).mean()),
        float(np.mean(whole)),
        milliseconds,
    )


def is_whole(found: Box, true: Box, growth: float = GROWTH) -> bool:
    """Tell whether a found box, enlarged by 0.1, holds the specimen with this true box."""
    held = found.grown(growth, growth, growth).shared(true).area
    return held >= WHOLE * true.area


def growth_for_whole(pairs: Sequence[Found]) -> float | None:
    """Return by how much boxes must be enlarged so that 97 % of the specimens are whole.

    Args:
        pairs: found box or None, and true box, un-enlarged, in pixels.

    Returns:
        A scale as sources have them, 0…2 in steps of 0.01; None where more than 3 % were missed,
        or would need more.
    """
    if not pairs:
        return None
    needed = [math.inf if found is None else _growth(found, true) for found, true in pairs]
    growth = float(np.quantile(needed, WANTED_WHOLE, method="higher"))
    return growth if math.isfinite(growth) else None


def _growth(found: Box, true: Box) -> float:
    steps = round(100 * MOST_GROWTH)
    least = bisect_left(range(steps + 1), True, key=lambda at: is_whole(found, true, at / 100))
    return least / 100 if least <= steps else math.inf


def compare(
    detectors: Sequence[Detector], examples: Iterable[Example], on_progress: OnProgress = silent
) -> list[Figures]:
    """Return the figures of several detectors on the same photographs, in their order.

    Args:
        detectors: who looks.
        examples: each is read once, so they may come one by one.
        on_progress: called after each photograph; the total is not known before the end.
    """
    pairs: list[list[Found]] = [[] for _ in detectors]
    seconds = np.zeros(len(detectors))
    photographs = 0
    for photographs, example in enumerate(examples, start=1):
        pixels = example.read()
        if pixels is None:
            continue
        for number, detector in enumerate(detectors):
            began = time.perf_counter()
            found = find_all(detector, pixels, example.boxes)
            seconds[number] += time.perf_counter() - began
            pairs[number].extend(zip(found, example.boxes, strict=True))
        on_progress(Progress("measure", photographs, photographs))
    return [
        figures_of(own, 1000 * float(time_) / max(photographs, 1))
        for own, time_ in zip(pairs, seconds, strict=True)
    ]


def find_all(detector: Detector, pixels: Pixels, truth: Sequence[Box]) -> list[Box | None]:
    """Return what a detector finds for each true box of a photograph.

    Of one specimen that is the surest detection, after a second look at the halves of the
    photograph if need be; of several it is, for each, the detection that fits best.

    Args:
        detector: who looks.
        pixels: the photograph, (height, width, 3) uint8 RGB.
        truth: true boxes in its pixels.
    """
    if len(truth) == 1:
        surest = find_specimen(detector, pixels, half_split=True)
        return [surest.box if surest else None]
    found = [detection.box for detection in detector.detect(pixels)]
    return list(_fitting(found, truth))


def _fitting(found: list[Box], truth: Sequence[Box]) -> Iterator[Box | None]:
    for true in truth:
        yield max((box for box in found if box.iou(true) > 0), key=true.iou, default=None)
