"""Everything that is measured of a mask against the true one. Without torch."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Mask
from ml.metrics.overlap import confusion

TOLERANCE = 2.0
"""Pixels that an edge may lie beside the true one and still count as found."""

_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))

_Distances = NDArray[np.float32]


@dataclass(frozen=True)
class Figures:
    """How well a mask agrees with the true one. All but the last are 0…1, 1 being full agreement.

    With two classes, background and specimen, the pixel measures are those of Garcia-Garcia et al.,
    "A review on deep learning techniques applied to semantic segmentation", 2017. A class that is
    in neither mask is left out of the means.

    Args:
        dice: 2·|both| / (|mask| + |truth|).
        iou: |both| / |either|.
        pixel_accuracy: share of all pixels that are right.
        mean_pixel_accuracy: mean over the classes of the share that is right among the pixels
            given to the class, as the project's theory texts define it (macro precision).
        mean_iou: mean of the IoU of specimen and of background.
        frequency_weighted_iou: the same, each weighted with its share of the true mask.
        boundary_f: F-score of the edge pixels, found within 2 pixels of the other mask's edge
            (Martin et al., PAMI 2004; Csurka et al., BMVC 2013).
        hausdorff_95: pixels; 95 of 100 edge pixels lie no further from the other mask's edge, in
            the worse of both directions (Huttenlocher et al., PAMI 1993). None where one of the
            masks is empty.
    """

    dice: float
    iou: float
    pixel_accuracy: float
    mean_pixel_accuracy: float
    mean_iou: float
    frequency_weighted_iou: float
    boundary_f: float
    hausdorff_95: float | None


def figures(mask: Mask, truth: Mask) -> Figures:
    """Measure a mask against the true one.

    Args:
        mask: shape (height, width), uint8; what is not 0 counts as specimen.
        truth: the same for the true mask.

    Raises:
        ValueError: the shapes differ.
    """
    specimen = confusion(mask, truth)
    background = specimen.other
    both = [counts for counts in (specimen, background) if counts.present]
    score, hausdorff_95 = _edge(mask, truth)
    return Figures(
        dice=specimen.dice,
        iou=specimen.iou,
        pixel_accuracy=(specimen.both + background.both) / specimen.pixels,
        mean_pixel_accuracy=sum(counts.precision for counts in both) / len(both),
        mean_iou=sum(counts.iou for counts in both) / len(both),
        frequency_weighted_iou=sum(counts.true * counts.iou for counts in both) / specimen.pixels,
        boundary_f=score,
        hausdorff_95=hausdorff_95,
    )


def boundary_f(mask: Mask, truth: Mask) -> float:
    """Return only the boundary F-score of ``figures``, 0…1, for masks of one shape."""
    return _edge(mask, truth)[0]


def _edge(mask: Mask, truth: Mask) -> tuple[float, float | None]:
    """Boundary F-score and 95 % Hausdorff distance, worked out in the box around both masks."""
    left, top, width, height = cv2.boundingRect(mask | truth)
    if not width:
        return 1.0, 0.0
    window = slice(top, top + height), slice(left, left + width)
    edge, true_edge = _outline(mask[window]), _outline(truth[window])
    if not edge.any() or not true_edge.any():
        return 0.0, None
    found, missed = _distance_to(true_edge)[edge], _distance_to(edge)[true_edge]
    precision, recall = float(np.mean(found <= TOLERANCE)), float(np.mean(missed <= TOLERANCE))
    score = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return score, float(max(np.percentile(found, 95), np.percentile(missed, 95)))


def _outline(mask: Mask) -> NDArray[np.bool_]:
    """Pixels of a mask with one beside them that is not; also those at the picture's border."""
    inside = (mask != 0).astype(np.uint8)
    kernel = cv2.erode(inside, _CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(inside != kernel, np.bool_)


def _distance_to(edge: NDArray[np.bool_]) -> _Distances:
    outside = (~edge).astype(np.uint8)
    distances = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distances, np.float32)
