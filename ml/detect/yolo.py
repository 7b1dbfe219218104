"""A YOLO network exported to ONNX, run by onnxruntime."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from ml.detect.detector import Detection
from ml.detect.layouts import UnknownLayout, layout_of
from ml.errors import NotADetector
from ml.imaging.arrays import Colour, Pixels
from ml.imaging.boxes import Box
from ml.imaging.letterbox import Letterbox

GREY: Colour = (114, 114, 114)
SIDE_WHEN_DYNAMIC = 640
LEAST_CONFIDENCE = 0.25
SAME_SPECIMEN_IOU = 0.5
AT_ONCE = 8
PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
"""Where networks run, best first."""

Numbers = NDArray[np.float32]

_NUMBERS = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_RUNTIME_ERRORS = (
    runtime_errors.Fail,
    runtime_errors.InvalidArgument,
    runtime_errors.InvalidGraph,
    runtime_errors.InvalidProtobuf,
    runtime_errors.NoModel,
    runtime_errors.NotImplemented,
    runtime_errors.RuntimeException,
    UnicodeDecodeError,  # of names in the file, and of messages that tell them
)


class YoloDetector:
    """Finds specimens with a YOLO network: v5, v8, v11, YOLOX, or v4 (see ``ml.detect.layouts``).

    The network takes (n, 3, side, side) RGB 0…1, a YOLOX network BGR 0…255. Letter-box grey, least
    confidence and overlap are the defaults of Ultralytics
    (https://docs.ultralytics.com/modes/predict), but for the overlap: specimens lie apart. It runs
    on the first CUDA device where onnxruntime has been installed for it, otherwise on the CPU.

    Args:
        onnx: the bytes of the ONNX file, or its path.
        name: kept with each box; ``yolo:`` and the stem of the file otherwise.
        classes: numbers of the classes that are specimens, from 0 on; all of them otherwise.

    Raises:
        NotADetector: the file is not ONNX, its inputs and outputs are of no layout that is known,
            or it has no such classes.
    """

    def __init__(
        self, onnx: bytes | Path, *, name: str = "", classes: Collection[int] = ()
    ) -> None:
        """Open the network, and run it once to see what it gives."""
        self.name = name or (f"yolo:{onnx.stem}" if isinstance(onnx, Path) else "yolo")
        self._session = _open(onnx.read_bytes() if isinstance(onnx, Path) else onnx)
        try:
            self._input, self._side, self._numbers, several = _input_of(self._session)
        except UnicodeDecodeError as error:
            raise _no_yolo("its names cannot be read") from error
        self._at_once = AT_ONCE if several else 1
        grey = np.full((1, 3, self._side, self._side), 0.5, np.float32)
        try:
            self._layout = layout_of([output.shape for output in self._run(grey)], self._side)
        except UnknownLayout as error:
            raise _unknown(str(error)) from error
        self._columns = self._columns_of(classes)

    @property
    def layout(self) -> str:
        """How its outputs lie: the name of the ``ml.detect.layouts.Layout``."""
        return self._layout.name

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Find the specimens, best first.

        Args:
            pixels: the photograph, (height, width, 3) uint8 RGB.

        Returns:
            Boxes inside the photograph with confidence of at least 0.25, overlapping ones
            reduced to the best.
        """
        return self.detect_many([pixels])[0]

    def detect_many(self, photographs: Sequence[Pixels]) -> list[list[Detection]]:
        """Find the specimens of several photographs, as ``detect`` does each.

        They go through the network together, 8 at once, if it takes more than one.

        Args:
            photographs: each (height, width, 3) uint8 RGB, of any sizes.
        """
        found: list[list[Detection]] = []
        for first in range(0, len(photographs), self._at_once):
            some = photographs[first : first + self._at_once]
            boxed = [Letterbox(p.shape[0], p.shape[1], self._side) for p in some]
            squares = [box.pixels(p, fill=GREY) for box, p in zip(boxed, some, strict=True)]
            rows = self._rows(np.stack(squares))
            found += [self._found(own, box) for own, box in zip(rows, boxed, strict=True)]
        return found

    def _found(self, rows: Numbers, letterbox: Letterbox) -> list[Detection]:
        confidences = rows[:, self._columns].max(axis=1)
        corners = _corners(rows[:, :4], letterbox)
        keep = (confidences >= LEAST_CONFIDENCE) & np.isfinite(rows).all(axis=1)
        found = [
            Detection(box, min(float(confidence), 1.0))
            for corner, confidence in zip(corners[keep], confidences[keep], strict=True)
            if (box := _box(corner).clamped(letterbox.width, letterbox.height)).area > 0
        ]
        return _without_repeats(found)

    def _rows(self, squares: Pixels) -> Numbers:
        """(n, boxes, 4 + classes) of (n, side, side, 3): centre x, y, width, height, scores."""
        layout = self._layout
        if layout.bgr:
            squares = squares[..., ::-1]
        batch = squares.transpose(0, 3, 1, 2).astype(np.float32) * (layout.highest / 255)
        return layout.rows(self._run(batch))

    def _run(self, batch: Numbers) -> list[Numbers]:
        try:
            outputs = self._session.run(
                None, {self._input: np.ascontiguousarray(batch, self._numbers)}
            )
        except _RUNTIME_ERRORS as error:
            raise _no_yolo(f"it does not run on a {self._side}×{self._side} picture") from error
        return [np.asarray(output, np.float32) for output in outputs]

    def _columns_of(self, classes: Collection[int]) -> list[int]:
        grey = np.full((1, self._side, self._side, 3), GREY, np.uint8)
        count = self._rows(grey).shape[2] - 4
        if missing := [number for number in classes if not 0 <= number < count]:
            raise NotADetector(
                "This network knows {count} classes, numbered from 0, so there is no class"
                " {missing}. Choose others.",
                count=count,
                missing=missing[0],
            )
        return [4 + number for number in sorted(set(classes) or range(count))]


def _open(onnx: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    available = set(onnxruntime.get_available_providers())
    try:
        return onnxruntime.InferenceSession(
            onnx, options, providers=[name for name in PROVIDERS if name in available]
        )
    except _RUNTIME_ERRORS as error:
        raise _no_yolo("it cannot be read as ONNX") from error


def _input_of(session: onnxruntime.InferenceSession) -> tuple[str, int, Any, bool]:
    """Name, side and number type of the one input, and whether it takes several photographs."""
    inputs = session.get_inputs()
    if len(inputs) != 1:
        raise _no_yolo(f"it has {len(inputs)} inputs instead of one")
    shape, numbers = inputs[0].shape, _NUMBERS.get(inputs[0].type)
    if numbers is None or len(shape) != 4 or shape[1] != 3:
        raise _no_yolo("its input is not one RGB picture in floating-point numbers")
    height, width = (side if isinstance(side, int) else SIDE_WHEN_DYNAMIC for side in shape[2:])
    if height != width:
        raise _no_yolo(f"its input is {width}×{height} instead of a square")
    return inputs[0].name, height, numbers, not isinstance(shape[0], int)


def _unknown(shapes: str) -> NotADetector:
    return _no_yolo(
        f"its output is {shapes} instead of 1 × (4 + classes) × boxes, or that of YOLOv5, YOLOX"
        " or YOLOv4"
    )


def _no_yolo(reason: str) -> NotADetector:
    return NotADetector(
        "This file is no YOLO network that can be used: {reason}. "
        "Export the network to ONNX in the YOLOv8 layout, without end-to-end suppression.",
        reason=reason,
    )


def _corners(centred: Numbers, letterbox: Letterbox) -> Numbers:
    """Left, top, right, bottom in the photograph of boxes given by centre and size."""
    centres, halves = centred[:, :2], centred[:, 2:] / 2
    shift = np.array([letterbox.left, letterbox.top] * 2, np.float32)
    corners = np.hstack([centres - halves, centres + halves]) - shift
    return (corners / letterbox.scale).astype(np.float32, copy=False)


def _box(corners: Numbers) -> Box:
    left, top, right, bottom = (round(float(corner)) for corner in corners)
    return Box(left, top, right, bottom)


def _without_repeats(found: list[Detection]) -> list[Detection]:
    """Non-maximum suppression."""
    boxes = [[d.box.left, d.box.top, d.box.width, d.box.height] for d in found]
    confidences = [detection.confidence for detection in found]
    best = cv2.dnn.NMSBoxes(boxes, confidences, LEAST_CONFIDENCE, SAME_SPECIMEN_IOU)
    return [found[index] for index in best]
