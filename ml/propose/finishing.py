"""From a raw mask at the working size to a clean one at the crop's."""

from dataclasses import dataclass

import cv2
import numpy as np

from ml.crf import CrfConfig, dense_crf
from ml.imaging.arrays import BACKGROUND, SPECIMEN, Mask, Pixels
from ml.imaging.contours import largest_contour
from ml.propose.border import frame
from ml.refinement import guided

# Wide enough for antennae and legs, too narrow for tails: 5 pixels of 320.
_THIN = 1 / 64
# The lab's, of 256 × 256 pixels: a contour of 62,000 has caught the frame, 15 pixels wide.
_FRAMED, _FRAME = 62_000 / 256**2, 15 / 256


@dataclass(frozen=True)
class Finishing:
    """What is done to a raw mask, in this order; each step can be left out.

    Args:
        crf: a dense CRF with these settings first, where it is installed.
        closed: gaps narrower than this share of the long side are closed; 0 leaves them.
        contour: only the largest piece stays, its holes filled. Where that is nearly the whole
            picture, the frame was caught: the outer 6 % are emptied and the next piece is taken.
        opened: what is narrower than this share of the long side goes; 0 keeps it. The default
            takes away antennae, legs and pins, which do not belong to a mask.
    """

    crf: CrfConfig | None = None
    closed: float = 0.0
    contour: bool = True
    opened: float = _THIN


def finished(mask: Mask, pixels: Pixels, finishing: Finishing) -> Mask:
    """Return a raw mask after the steps that are wanted.

    Args:
        mask: shape (height, width), uint8.
        pixels: what it was made from, shape (height, width, 3), uint8 RGB.
        finishing: the steps.

    Raises:
        CrfMissing: a dense CRF is wanted and not installed.
    """
    if finishing.crf is not None:
        # Of one piece before: the CRF would let specks grow.
        agreed = dense_crf(pixels, (largest_contour(mask) > 0).astype(np.float32), finishing.crf)
        mask = np.where(agreed >= 0.5, SPECIMEN, BACKGROUND).astype(np.uint8)
    if finishing.closed:
        mask = _morphed(mask, cv2.MORPH_CLOSE, finishing.closed)
    if finishing.contour:
        mask = unframed_contour(mask)
    if finishing.opened:
        mask = _morphed(mask, cv2.MORPH_OPEN, finishing.opened)
        mask = largest_contour(mask) if finishing.contour else mask
    return mask


def unframed_contour(mask: Mask) -> Mask:
    """Return the largest piece, filled; of what lies inside the frame if that was caught.

    Args:
        mask: shape (height, width), uint8.
    """
    piece = largest_contour(mask)
    if (piece > 0).mean() <= _FRAMED:
        return piece
    inner = np.where(frame(mask.shape[0], mask.shape[1], _FRAME), BACKGROUND, mask)
    return largest_contour(inner.astype(np.uint8))


def enlarged(mask: Mask, pixels: Pixels) -> Mask:
    """Return a mask at the size of a picture, its edge drawn to the picture's own edges.

    On drawn specimens ``guided`` raised the Dice by 0.0015 and the boundary F-score by 0.02 over
    smooth interpolation.

    Args:
        mask: shape (height, width), uint8, made from the picture at that smaller size.
        pixels: the whole picture, shape (height, width, 3), uint8 RGB.
    """
    soft = guided((mask > 0).astype(np.float32), pixels)
    return largest_contour(np.where(soft >= 0.5, SPECIMEN, BACKGROUND).astype(np.uint8))


def _morphed(mask: Mask, how: int, share: float) -> Mask:
    width = max(1, round(max(mask.shape) * share))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return np.asarray(cv2.morphologyEx(mask, how, disc), np.uint8)
