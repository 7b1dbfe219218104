"""Good masks of drawn specimens, and masks with one fault each: what people are shown as examples.

``python -m ml.imaging.drawn.examples static/pictures`` makes the pictures of the page about what
belongs to a mask. Faults have the names of the reasons for which a mask is rejected.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ml.imaging.arrays import SPECIMEN, Mask
from ml.imaging.boxes import Box
from ml.imaging.drawn.specimen import DrawnSpecimen, draw_specimen
from ml.imaging.fills import BLUE, fill_background

WIDTH = 320
COLOURS = 96
MARGIN = 30
GOOD = {"good-tails": 9, "good-pale": 13}
"""Seeds of the specimens that are shown with their true masks."""
FAULTY = 15
"""Seed of the specimen that is shown with every fault."""


def wing_cut(drawn: DrawnSpecimen) -> Mask:
    """The true mask without its left fifth, (height, width) uint8."""
    mask = drawn.mask.copy()
    mask[:, : drawn.box.left + (drawn.box.right - drawn.box.left) // 5] = 0
    return mask


def background_included(drawn: DrawnSpecimen) -> Mask:
    """The true mask with a wide seam, (height, width) uint8."""
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (39, 39))
    return np.asarray(cv2.dilate(drawn.mask, ellipse), np.uint8)


def shadow_included(drawn: DrawnSpecimen) -> Mask:
    """The true mask and its like a little lower and farther right, (height, width) uint8."""
    mask = drawn.mask.copy()
    mask[26:, 16:] |= drawn.mask[:-26, :-16]
    return mask


def label_included(drawn: DrawnSpecimen) -> Mask:
    """The true mask and what lies nearest beside the specimen, (height, width) uint8."""
    mask = drawn.mask.copy()
    near = min(drawn.beside, key=lambda box: abs(box.left - drawn.box.right))
    mask[near.top : near.bottom, near.left : near.right] = SPECIMEN
    return mask


def rough_edge(drawn: DrawnSpecimen) -> Mask:
    """The true mask in squares of 18 pixels, (height, width) uint8."""
    height, width = drawn.mask.shape
    small = cv2.resize(drawn.mask, (width // 18, height // 18), interpolation=cv2.INTER_AREA)
    coarse = np.where(small > 127, SPECIMEN, 0).astype(np.uint8)
    squares = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(squares, np.uint8)


def hole(drawn: DrawnSpecimen) -> Mask:
    """The true mask with two holes in its wings, (height, width) uint8."""
    mask = drawn.mask.copy()
    wide, tall = drawn.box.right - drawn.box.left, drawn.box.bottom - drawn.box.top
    for across, down in ((0.27, 0.35), (0.7, 0.42)):
        middle = (drawn.box.left + int(across * wide), drawn.box.top + int(down * tall))
        cv2.circle(mask, middle, wide // 14, 0, cv2.FILLED)
    return mask


FAULTS: dict[str, Callable[[DrawnSpecimen], Mask]] = {
    "wing-cut": wing_cut,
    "background-included": background_included,
    "shadow-included": shadow_included,
    "pin-or-label-included": label_included,
    "rough-edge": rough_edge,
    "hole": hole,
}


def write_examples(folder: Path) -> None:
    """Write one PNG on blue for each example, none larger than 60 kB."""
    for name, seed in GOOD.items():
        drawn = draw_specimen(seed)
        _write(folder / f"{name}.png", drawn, drawn.mask)
    drawn = draw_specimen(FAULTY)
    for name, fault in FAULTS.items():
        _write(folder / f"{name}.png", drawn, fault(drawn))


def _write(path: Path, drawn: DrawnSpecimen, mask: Mask) -> None:
    box = _around(drawn, mask)
    on_blue = fill_background(drawn.pixels, mask, BLUE)[box.top : box.bottom, box.left : box.right]
    picture = Image.fromarray(on_blue)
    height = round(WIDTH * picture.height / picture.width)
    small = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def _around(drawn: DrawnSpecimen, mask: Mask) -> Box:
    """The mask with a margin; also what a fault has cut away."""
    box = Box.around(np.maximum(mask, drawn.mask))
    height, width = mask.shape
    return Box(
        left=max(0, box.left - MARGIN),
        top=max(0, box.top - MARGIN),
        right=min(width, box.right + MARGIN),
        bottom=min(height, box.bottom + MARGIN),
    )


if __name__ == "__main__":
    write_examples(Path(sys.argv[1]))
