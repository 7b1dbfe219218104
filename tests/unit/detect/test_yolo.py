"""YOLO networks that always give the same boxes, and files that are no YOLO network."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ml.detect.yolo import YoloDetector
from ml.errors import NotADetector
from ml.imaging.boxes import Box

Shape = list[int | str]
Row = tuple[float, ...]
SQUARE: Shape = [1, 3, 64, 64]


def network(
    output: NDArray[np.float32],
    *,
    takes: Shape = SQUARE,
    numbers: int = TensorProto.FLOAT,
    outputs: int = 1,
) -> bytes:
    """An ONNX file that gives this output, whatever picture it gets."""
    names = ["output", *(f"output{number}" for number in range(2, outputs + 1))]
    value = numpy_helper.from_array(output)
    nodes = [helper.make_node("Constant", [], [name], value=value) for name in names]
    return serialised(nodes, {}, output.shape, takes=takes, numbers=numbers, names=names)


def serialised(
    nodes: Sequence[onnx.NodeProto],
    constants: Mapping[str, NDArray[np.generic]],
    gives: Sequence[int],
    *,
    takes: Shape = SQUARE,
    numbers: int = TensorProto.FLOAT,
    names: Sequence[str] = ("output",),
) -> bytes:
    graph = helper.make_graph(
        nodes,
        "fixed",
        [helper.make_tensor_value_info("images", numbers, takes)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, gives) for name in names],
        [numpy_helper.from_array(constant, name) for name, constant in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def boxes(*rows: Row, slots: int = 12) -> NDArray[np.float32]:
    """Rows of centre x, centre y, width, height and scores, in the layout of YOLOv8."""
    filled = np.zeros((slots, len(rows[0])), np.float32)
    filled[: len(rows)] = rows
    return filled.T[None].copy()


def photograph(height: int, width: int) -> NDArray[np.uint8]:
    return np.zeros((height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("height", "width", "row", "expected"),
    [
        (64, 64, (32, 32, 20, 10), Box(22, 27, 42, 37)),
        (320, 640, (32, 32, 20, 10), Box(220, 110, 420, 210)),
        (640, 320, (32, 32, 20, 10), Box(60, 270, 260, 370)),
        (32, 16, (32, 32, 20, 10), Box(3, 14, 13, 18)),
        (64, 64, (2, 60, 20, 20), Box(0, 50, 12, 64)),
    ],
    ids=["as it is", "wide", "high", "enlarged", "over the edge"],
)
def test_boxes_are_mapped_back_through_the_letter_box(
    height: int, width: int, row: Row, expected: Box
) -> None:
    detector = YoloDetector(network(boxes((*row, 0.8))))
    (found,) = detector.detect(photograph(height, width))
    assert found.box == expected
    assert found.confidence == pytest.approx(0.8)


def test_the_best_comes_first_without_repeats_and_without_guesses() -> None:
    rows = ((20, 20, 10, 10, 0.5), (20, 21, 10, 10, 0.7), (45, 45, 10, 10, 0.9), (9, 50, 8, 8, 0.2))
    found = YoloDetector(network(boxes(*rows))).detect(photograph(64, 64))
    assert [detection.box for detection in found] == [Box(40, 40, 50, 50), Box(15, 16, 25, 26)]


def test_confidence_is_that_of_the_best_class() -> None:
    detector = YoloDetector(network(boxes((20, 20, 10, 10, 0.1, 0.6, 0.3))))
    assert detector.detect(photograph(64, 64))[0].confidence == pytest.approx(0.6)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_boxes_that_are_no_numbers_are_left_out(wrong: float) -> None:
    rows = ((wrong, 20, 10, 10, 0.9), (45, 45, 10, 10, 0.5))
    found = YoloDetector(network(boxes(*rows))).detect(photograph(64, 64))
    assert [detection.box for detection in found] == [Box(40, 40, 50, 50)]


def test_nothing_found_is_an_empty_list() -> None:
    assert YoloDetector(network(boxes((0, 0, 0, 0, 0.0)))).detect(photograph(64, 64)) == []


def test_a_network_of_any_size_is_given_640_pixels() -> None:
    anywhere: Shape = [1, 3, "height", "width"]
    detector = YoloDetector(network(boxes((320, 320, 200, 100, 0.8)), takes=anywhere))
    assert detector.detect(photograph(64, 64))[0].box == Box(22, 27, 42, 37)


def test_half_precision_networks_work() -> None:
    detector = YoloDetector(network(boxes((32, 32, 20, 10, 0.8)), numbers=TensorProto.FLOAT16))
    assert detector.detect(photograph(64, 64))[0].box == Box(22, 27, 42, 37)


def test_the_network_sees_rgb_from_0_to_1_with_grey_bands() -> None:
    """The network gives one box made of the colours at its input's middle and left edge."""
    scales = np.zeros((1, 6, 8), np.float32)
    scales[0, :, 0] = (32, 80, 25, 10 * 255 / 114, 1, 1)
    nodes = [
        helper.make_node("Gather", ["images", "middle"], ["row"], axis=2),
        helper.make_node("Gather", ["row", "columns"], ["colours"], axis=2),
        helper.make_node("Transpose", ["colours"], ["in_turn"], perm=[0, 2, 1]),
        helper.make_node("Reshape", ["in_turn", "shape"], ["column"]),
        helper.make_node("Mul", ["column", "scales"], ["output"]),
    ]
    constants = {
        "middle": np.array(32),
        "columns": np.array([32, 0]),
        "shape": np.array([1, 6, 1]),
        "scales": scales,
    }
    picture = np.full((64, 32, 3), (255, 102, 204), np.uint8)
    (found,) = YoloDetector(serialised(nodes, constants, [1, 6, 8])).detect(picture)
    assert found.box == Box(6, 27, 26, 37)
    assert found.confidence == pytest.approx(114 / 255)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "cannot be read as ONNX"),
        (b"these are not the bytes of a network", "cannot be read as ONNX"),
        (network(np.zeros((1, 1000), np.float32)), "output is 1×1000 instead"),
        (network(np.zeros((1, 300, 6), np.float32)), "output is 1×300×6 instead"),
        (network(np.zeros((1, 4, 12), np.float32)), "output is 1×4×12 instead"),
        (network(boxes((0, 0, 0, 0, 0)), outputs=2), "output is 1×5×12, 1×5×12 instead"),
        (network(boxes((0, 0, 0, 0, 0)), takes=[1, 10]), "not one RGB picture"),
        (network(boxes((0, 0, 0, 0, 0)), takes=[1, 1, 64, 64]), "not one RGB picture"),
        (network(boxes((0, 0, 0, 0, 0)), numbers=TensorProto.INT64), "not one RGB picture"),
        (network(boxes((0, 0, 0, 0, 0)), takes=[1, 3, 64, 96]), "96×64 instead of a square"),
        (network(boxes((0, 0, 0, 0, 0)), takes=[4, 3, 64, 64]), "does not run on a 64×64"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_yolo_is_refused_with_the_reason(file: bytes, said: str) -> None:
    with pytest.raises(NotADetector, match=said) as refusal:
        YoloDetector(file)
    assert "Export the network to ONNX in the YOLOv8 layout" in str(refusal.value)


def test_the_name_tells_the_file(tmp_path: Path) -> None:
    path = tmp_path / "moths-2024.onnx"
    path.write_bytes(network(boxes((0, 0, 0, 0, 0))))
    assert YoloDetector(path).name == "yolo:moths-2024"
