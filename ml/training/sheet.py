"""Contact sheets: what a network was shown, what it should find there, and what it found."""

import cv2
import numpy as np
from torch import Tensor

from ml.imaging.arrays import SPECIMEN, Mask, Pixels
from ml.imaging.difference import difference, difference_picture

CELL = 192
"""Largest side of a picture in pixels."""
GAP = 6
HEAD = 24
SPECIMENS_PER_ROW = 2
HEADINGS = ("input", "label", "found", "red missed, green wrong")


def contact_sheet(pictures: Tensor, truth: Tensor, probability: Tensor) -> Pixels:
    """Return specimens two by two, each as input, label, probability, and where it went wrong.

    The number in the last picture is the Dice of the two masks.

    Args:
        pictures: shape (n, 3, side, side), float32, as ``as_pictures`` gives: 0 for white.
        truth: shape (n, 1, side, side), 0 and 1.
        probability: of specimen, shape (n, 1, side, side), 0…1; from a half on it is found.
    """
    shown = np.rint(255 * (1 - pictures.permute(0, 2, 3, 1).numpy())).astype(np.uint8)
    labels = np.where(truth[:, 0].numpy() > 0, SPECIMEN, 0).astype(np.uint8)
    found = np.rint(255 * probability[:, 0].numpy()).astype(np.uint8)
    strips = [_strip(*three) for three in zip(shown, labels, found, strict=True)]
    strips += [np.full_like(strips[0], 255)] * (-len(strips) % SPECIMENS_PER_ROW)
    rows = [
        np.hstack(strips[first : first + SPECIMENS_PER_ROW])
        for first in range(0, len(strips), SPECIMENS_PER_ROW)
    ]
    return np.vstack([np.hstack([_head(len(strips[0]) - GAP)] * SPECIMENS_PER_ROW), *rows])


def _strip(pixels: Pixels, label: Mask, found: Mask) -> Pixels:
    """Return the four pictures of one specimen side by side, with white to the right and below."""
    side = min(CELL, len(pixels))
    mask = np.where(found >= SPECIMEN / 2, SPECIMEN, 0).astype(np.uint8)
    wrong = _scaled(difference_picture(pixels, label, mask), side)
    _write(wrong, f"{difference(label, mask).dice:.2f}", (255, 255, 255))
    grey = [_scaled(np.dstack([plain] * 3), side) for plain in (label, found)]
    strip = np.hstack([_gapped(cell) for cell in (_scaled(pixels, side), *grey, wrong)])
    return np.pad(strip, ((0, 0), (0, GAP), (0, 0)), constant_values=255)


def _head(side: int) -> Pixels:
    head = np.full((HEAD, len(HEADINGS) * (side + GAP) + GAP, 3), 255, np.uint8)
    for place, heading in enumerate(HEADINGS):
        _write(head[:, place * (side + GAP) :], heading, (0, 0, 0))
    return head


def _write(picture: Pixels, text: str, colour: tuple[int, int, int]) -> None:
    cv2.putText(picture, text, (4, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)


def _scaled(picture: Pixels, side: int) -> Pixels:
    scaled = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(scaled, np.uint8)


def _gapped(picture: Pixels) -> Pixels:
    return np.pad(picture, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)
