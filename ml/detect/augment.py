"""Squares for the small YOLO: one photograph or a mosaic of four, changed at random."""

from collections.abc import Callable

import cv2
import numpy as np

from ml.detect.examples import Boxes
from ml.detect.yolo import GREY
from ml.imaging.arrays import Pixels

Photograph = tuple[Pixels, Boxes]
Draw = Callable[[np.random.Generator], Photograph]

LEAST_LEFT = 0.6
"""Share of a specimen that must be in the square; with less the grey of the border covers it."""
_LEAST_SIDE = 4.0  # pixels of the square


def plain_square(photograph: Photograph, side: int) -> Photograph:
    """Return the photograph letter-boxed as a detector sees it, (side, side, 3), and its boxes."""
    pixels, boxes = photograph
    scale = side / max(pixels.shape[:2])
    shift = (side - np.array(pixels.shape[1::-1]) * scale) / 2
    return _drawn(np.full((side, side, 3), GREY, np.uint8), pixels, scale, shift), _moved(
        boxes, scale, shift
    )


def random_square(
    draw: Draw, side: int, rng: np.random.Generator, *, mosaic: float, calm: bool, colour: float
) -> Photograph:
    """Return a random square, (side, side, 3) uint8, and the boxes in it.

    Args:
        draw: gives one of the photographs.
        side: in pixels.
        rng: decides everything.
        mosaic: chance 0…1 of four photographs instead of one.
        calm: whether scale and place stay near what a detector sees.
        colour: strength 0…1 of the changes of colour and light.
    """
    if rng.random() < mosaic:
        pixels, boxes = _mosaic(draw, side, rng)
    else:
        pixels, boxes = _single(draw(rng), side, rng, calm)
    pixels, boxes = _turned(pixels, boxes, side, rng)
    return recoloured(pixels, colour, rng), boxes


def _single(photograph: Photograph, side: int, rng: np.random.Generator, calm: bool) -> Photograph:
    pixels, boxes = photograph
    low, high = (0.85, 1.15) if calm else (0.5, 1.6)
    scale = side / max(pixels.shape[:2]) * float(np.exp(rng.uniform(np.log(low), np.log(high))))
    spare = side - np.array(pixels.shape[1::-1]) * scale
    shift = spare * (rng.uniform(0.3, 0.7, 2) if calm else rng.uniform(0, 1, 2))
    square = _drawn(np.full((side, side, 3), _fill(rng), np.uint8), pixels, scale, shift)
    return _kept(square, _moved(boxes, scale, shift), (0, 0, side, side))


def _mosaic(draw: Draw, side: int, rng: np.random.Generator) -> Photograph:
    """Four photographs around a random point."""
    square = np.full((side, side, 3), GREY, np.uint8)
    across, down = rng.uniform(0.35, 0.65, 2) * side
    edges_x, edges_y = (0, round(across), side), (0, round(down), side)
    kept = []
    for corner in range(4):
        column, row = corner % 2, corner // 2
        left, right = edges_x[column : column + 2]
        top, bottom = edges_y[row : row + 2]
        pixels, boxes = draw(rng)
        room = np.array([right - left, bottom - top])
        fit = float((room / pixels.shape[1::-1]).min())
        scale = fit * float(rng.uniform(0.85, 1.6))
        shift = (room - np.array(pixels.shape[1::-1]) * scale) * rng.uniform(0, 1, 2)
        _drawn(square[top:bottom, left:right], pixels, scale, shift)
        _, boxes = _kept(
            square, _moved(boxes, scale, shift + np.array([left, top])), (left, top, right, bottom)
        )
        kept.append(boxes)
    return square, np.concatenate(kept)


def _drawn(square: Pixels, pixels: Pixels, scale: float, shift: np.ndarray) -> Pixels:
    """The photograph over the square, scaled and moved; cells of the square are averaged."""
    height, width = max(1, round(pixels.shape[0] * scale)), max(1, round(pixels.shape[1] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    sized = cv2.resize(pixels, (width, height), interpolation=how)
    left, top = (round(float(value)) for value in shift)
    tall, wide = square.shape[:2]
    rows = slice(max(top, 0), min(top + height, tall))
    columns = slice(max(left, 0), min(left + width, wide))
    if rows.start < rows.stop and columns.start < columns.stop:
        square[rows, columns] = sized[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
    return square


def _moved(boxes: Boxes, scale: float, shift: np.ndarray) -> Boxes:
    return np.asarray(boxes * scale + np.tile(shift, 2), np.float32)


def _kept(square: Pixels, boxes: Boxes, window: tuple[int, int, int, int]) -> Photograph:
    """Cut boxes at the window; what is hardly seen any more is painted over, and no specimen."""
    left, top, right, bottom = window
    cut = boxes.copy()
    cut[:, 0::2] = cut[:, 0::2].clip(left, right)
    cut[:, 1::2] = cut[:, 1::2].clip(top, bottom)
    sizes, whole = cut[:, 2:] - cut[:, :2], boxes[:, 2:] - boxes[:, :2]
    share = sizes.prod(1) / whole.prod(1).clip(1e-6)
    seen = (share >= LEAST_LEFT) & (sizes.min(1, initial=np.inf) >= _LEAST_SIDE)
    for x0, y0, x1, y1 in np.round(cut[~seen]).astype(int):
        square[y0:y1, x0:x1] = GREY
    return square, cut[seen]


def _turned(pixels: Pixels, boxes: Boxes, side: int, rng: np.random.Generator) -> Photograph:
    """Mirrored and turned by right angles: photographs lie in the store any way round."""
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
        boxes = np.stack([side - boxes[:, 2], boxes[:, 1], side - boxes[:, 0], boxes[:, 3]], 1)
    if rng.random() < 0.3:
        pixels = pixels[::-1]
        boxes = np.stack([boxes[:, 0], side - boxes[:, 3], boxes[:, 2], side - boxes[:, 1]], 1)
    if rng.random() < 0.3:
        pixels, boxes = pixels.transpose(1, 0, 2), boxes[:, [1, 0, 3, 2]]
    return np.ascontiguousarray(pixels), boxes


def _fill(rng: np.random.Generator) -> np.ndarray:
    """What surrounds the photograph: mostly the grey of the letter-box."""
    return np.array(GREY) if rng.random() < 0.7 else rng.integers(0, 256, 3)


def recoloured(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Return the square with hue, saturation, light, softness and grain changed at random.

    Args:
        pixels: (side, side, 3) uint8.
        strength: 0 leaves it alone.
        rng: decides how much of each.
    """
    if strength == 0:
        return pixels
    hue, saturation, value = rng.uniform(-1, 1, 3) * (18, 0.7, 0.5) * strength
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    levels = np.arange(256, dtype=np.float32)
    curve = 255 * (levels / 255) ** float(np.exp(value))
    tables = (
        (np.arange(256) + round(hue)) % 180,
        levels * (1 + saturation),
        curve,
    )
    for channel, levels_of in enumerate(tables):
        table = np.clip(levels_of, 0, 255).astype(np.uint8)
        hsv[..., channel] = cv2.LUT(np.ascontiguousarray(hsv[..., channel]), table)
    changed = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)
    if rng.random() < 0.1:
        changed = np.repeat(cv2.cvtColor(changed, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
    if rng.random() < 0.2 * strength:
        changed = np.asarray(cv2.GaussianBlur(changed, (0, 0), rng.uniform(0.4, 1.2)), np.uint8)
    if rng.random() < 0.4 * strength:
        grain = rng.normal(0, rng.uniform(1, 8), changed.shape).astype(np.int16)
        changed = np.clip(changed + grain, 0, 255).astype(np.uint8)
    return changed
