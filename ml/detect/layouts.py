"""How YOLO networks of different kinds lay out their outputs, and how to read them alike.

Recognised from the shapes of the outputs, n photographs at once, on a square input:

* YOLOv8, v11 and our own: one output (n, 4 + classes, boxes), not fewer boxes than rows.
* YOLOv5: one output (n, boxes, 5 + classes), three boxes for each cell of the grids; outputs with
  five dimensions beside it are the same before decoding, and are left alone.
* YOLOX: one output (n, boxes, 5 + classes), one box for each cell. Its usual export leaves the
  boxes undecoded, which shapes do not tell: of decoded boxes the centres lie near their cells, of
  undecoded ones near 0.
* YOLOv4 (github.com/Tianxiaomo/pytorch-YOLOv4): boxes (n, boxes, 1, 4) as corners 0…1, and scores
  (n, boxes, classes).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
"""Shape (n, boxes, 4 + classes), float32: centre x, centre y, width, height in pixels of the input,
then one score 0…1 per class."""

_GRIDS = ((8, 16, 32), (8, 16, 32, 64))
"""Strides that networks have, in pixels of the input."""


class UnknownLayout(ValueError):
    """The outputs have none of the shapes above; says what they have."""


@dataclass(frozen=True)
class Layout:
    """How to speak with one network.

    Args:
        name: ``v8``, ``v5``, ``yolox`` or ``v4``.
        rows: outputs → rows.
        highest: what white is in its input: 1, or 255.
        bgr: whether its input has blue first.
    """

    name: str
    rows: Callable[[Sequence[Rows]], Rows]
    highest: float = 1.0
    bgr: bool = False


def layout_of(shapes: Sequence[tuple[int, ...]], side: int) -> Layout:
    """Return the layout of a network.

    Args:
        shapes: of its outputs, in their order.
        side: of its input in pixels.

    Raises:
        UnknownLayout: no layout has such shapes.
    """
    flat = [number for number, shape in enumerate(shapes) if len(shape) == 3]
    deep = [number for number, shape in enumerate(shapes) if len(shape) == 4]
    if len(shapes) == 2 and len(flat) == len(deep) == 1:
        boxes, scores = shapes[deep[0]], shapes[flat[0]]
        if boxes[2:] == (1, 4) and boxes[1] == scores[1]:
            return Layout("v4", lambda outputs: _v4(outputs[deep[0]], outputs[flat[0]], side))
    if len(flat) != 1 or any(len(shape) != 5 for shape in shapes if len(shape) != 3):
        raise UnknownLayout(_told(shapes))
    number = flat[0]
    _, first, second = shapes[number]
    if 5 <= first <= second:
        return Layout("v8", lambda outputs: outputs[number].transpose(0, 2, 1))
    for strides in _GRIDS:
        cells = sum((side // stride) ** 2 for stride in strides)
        if second >= 6 and first == 3 * cells:
            return Layout("v5", lambda outputs: _with_objectness(outputs[number]))
        if second >= 6 and first == cells:
            return _yolox_layout(number, _grid(side, strides))
    raise UnknownLayout(_told(shapes))


def _yolox_layout(number: int, grid: Rows) -> Layout:
    return Layout("yolox", lambda outputs: _yolox(outputs[number], grid), 255.0, bgr=True)


def _told(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join("×".join(str(size) for size in shape) for shape in shapes)


def _with_objectness(output: Rows) -> Rows:
    """The score of a class is that of there being something, times that of the class."""
    return np.concatenate([output[..., :4], output[..., 4:5] * output[..., 5:]], 2)


def _yolox(output: Rows, grid: Rows) -> Rows:
    middles, stride = grid[:, :2], grid[:, 2:]
    offsets = output[..., :2]
    decoded = np.median(np.abs(offsets / stride - middles)) < np.median(np.abs(offsets))
    if not decoded:
        with np.errstate(over="ignore"):
            sizes = np.exp(output[..., 2:4]) * stride
        output = np.concatenate([(offsets + middles) * stride, sizes, output[..., 4:]], 2)
    return _with_objectness(output)


def _grid(side: int, strides: Sequence[int]) -> Rows:
    """(cells, 3): column and row of each cell, and its stride; row by row, grid by grid."""
    grids = []
    for stride in strides:
        row, column = np.mgrid[: side // stride, : side // stride].reshape(2, -1)
        grids.append(np.stack([column, row, np.full_like(row, stride)], 1))
    return np.concatenate(grids).astype(np.float32)


def _v4(boxes: Rows, scores: Rows, side: int) -> Rows:
    low, high = boxes[:, :, 0, :2] * side, boxes[:, :, 0, 2:] * side
    return np.concatenate([(low + high) / 2, high - low, scores], 2)
