"""A YOLO network exported to ONNX, run by onnxruntime."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from ml.detect.detector import Detection
from ml.errors import NotADetector
from ml.imaging.arrays import Colour, Pixels
from ml.imaging.boxes import Box
from ml.imaging.letterbox import Letterbox

GREY: Colour = (114, 114, 114)
SIDE_WHEN_DYNAMIC = 640
LEAST_CONFIDENCE = 0.25
SAME_SPECIMEN_IOU = 0.5

_NUMBERS = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_RUNTIME_ERRORS = (
    runtime_errors.Fail,
    runtime_errors.InvalidArgument,
    runtime_errors.InvalidGraph,
    runtime_errors.InvalidProtobuf,
    runtime_errors.NoModel,
    runtime_errors.NotImplemented,
    runtime_errors.RuntimeException,
)


class YoloDetector:
    """Finds specimens with a YOLO network in the layout of YOLOv8 and later.

    The network takes (1, 3, side, side) RGB 0…1 and gives (1, 4 + classes, boxes): centre x,
    centre y, width and height in pixels of its input, then a score 0…1 per class. The class is
    not looked at. Letter-box grey, least confidence and overlap are the defaults of Ultralytics
    (https://docs.ultralytics.com/modes/predict), but for the overlap: specimens lie apart.

    Args:
        onnx: the bytes of the ONNX file, or its path.

    Raises:
        NotADetector: the file is not ONNX, or its inputs and outputs are not of this layout.
    """

    def __init__(self, onnx: bytes | Path) -> None:
        """Open the network, and run it once to see what it gives."""
        self.name = f"yolo:{onnx.stem}" if isinstance(onnx, Path) else "yolo"
        self._session = _open(onnx.read_bytes() if isinstance(onnx, Path) else onnx)
        self._input, self._side, self._numbers = _input_of(self._session)
        self._rows(np.full((self._side, self._side, 3), GREY, np.uint8))

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Find the specimens, best first.

        Args:
            pixels: the photograph, (height, width, 3) uint8 RGB.

        Returns:
            Boxes inside the photograph with confidence of at least 0.25, overlapping ones
            reduced to the best.
        """
        height, width = pixels.shape[:2]
        letterbox = Letterbox(height, width, self._side)
        rows = self._rows(letterbox.pixels(pixels, fill=GREY))
        confidences = rows[:, 4:].max(axis=1)
        corners = _corners(rows[:, :4], letterbox)
        keep = (confidences >= LEAST_CONFIDENCE) & np.isfinite(rows).all(axis=1)
        found = [
            Detection(box, min(float(confidence), 1.0))
            for corner, confidence in zip(corners[keep], confidences[keep], strict=True)
            if (box := _box(corner).clamped(width, height)).area > 0
        ]
        return _without_repeats(found)

    def _rows(self, square: Pixels) -> NDArray[np.float32]:
        """One row per box of the network: centre x, centre y, width, height, scores."""
        batch = np.ascontiguousarray(square.transpose(2, 0, 1)[None]).astype(np.float32) / 255
        try:
            (output,) = self._session.run(None, {self._input: batch.astype(self._numbers)})
        except _RUNTIME_ERRORS as error:
            raise _no_yolo(f"it does not run on a {self._side}×{self._side} picture") from error
        if output.ndim != 3 or output.shape[0] != 1 or not 5 <= output.shape[1] <= output.shape[2]:
            shape = "×".join(str(size) for size in output.shape)
            raise _no_yolo(f"its output is {shape} instead of 1 × (4 + classes) × boxes")
        return np.asarray(output[0].T, np.float32)


def _open(onnx: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    except _RUNTIME_ERRORS as error:
        raise _no_yolo("it cannot be read as ONNX") from error


def _input_of(session: onnxruntime.InferenceSession) -> tuple[str, int, Any]:
    """Name, side and number type of the one input; checks that there is one output, too."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        raise _no_yolo(
            f"it has {len(inputs)} inputs and {len(outputs)} outputs instead of one each"
        )
    shape, numbers = inputs[0].shape, _NUMBERS.get(inputs[0].type)
    if numbers is None or len(shape) != 4 or shape[1] != 3:
        raise _no_yolo("its input is not one RGB picture in floating-point numbers")
    height, width = (side if isinstance(side, int) else SIDE_WHEN_DYNAMIC for side in shape[2:])
    if height != width:
        raise _no_yolo(f"its input is {width}×{height} instead of a square")
    return inputs[0].name, height, numbers


def _no_yolo(reason: str) -> NotADetector:
    return NotADetector(
        "This file is no YOLO network that can be used: {reason}. "
        "Export the network to ONNX in the YOLOv8 layout, without end-to-end suppression.",
        reason=reason,
    )


def _corners(centred: NDArray[np.float32], letterbox: Letterbox) -> NDArray[np.float32]:
    """Left, top, right, bottom in the photograph of boxes given by centre and size."""
    centres, halves = centred[:, :2], centred[:, 2:] / 2
    shift = np.array([letterbox.left, letterbox.top] * 2, np.float32)
    corners = np.hstack([centres - halves, centres + halves]) - shift
    return (corners / letterbox.scale).astype(np.float32, copy=False)


def _box(corners: NDArray[np.float32]) -> Box:
    left, top, right, bottom = (round(float(corner)) for corner in corners)
    return Box(left, top, right, bottom)


def _without_repeats(found: list[Detection]) -> list[Detection]:
    """Non-maximum suppression."""
    boxes = [[d.box.left, d.box.top, d.box.width, d.box.height] for d in found]
    confidences = [detection.confidence for detection in found]
    best = cv2.dnn.NMSBoxes(boxes, confidences, LEAST_CONFIDENCE, SAME_SPECIMEN_IOU)
    return [found[index] for index in best]
