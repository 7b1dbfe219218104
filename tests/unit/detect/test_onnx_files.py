"""ONNX files that would have the machine read its other files are refused, and rubbish too."""

from collections.abc import Callable

import onnx
import pytest
from onnx import TensorProto, helper

from ml.detect.onnx_files import check_onnx
from ml.detect.yolo import YoloDetector
from ml.errors import NotADetector
from tests.unit.detect.test_layouts import LAYOUTS, exported


def elsewhere(name: str = "weights") -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return tensor


def in_initializer(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(elsewhere())


def in_constant(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Constant", [], ["c"], value=elsewhere()))


def in_branch(model: onnx.ModelProto) -> None:
    branch = helper.make_graph([], "branch", [], [], initializer=[elsewhere()])
    model.graph.node.append(helper.make_node("If", ["c"], ["d"], then_branch=branch))


def in_function(model: onnx.ModelProto) -> None:
    node = helper.make_node("Constant", [], ["c"], value=elsewhere())
    imports = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("own", "F", [], ["c"], [node], imports))


@pytest.mark.parametrize("put", [in_initializer, in_constant, in_branch, in_function])
def test_a_file_that_names_others_is_refused(put: Callable[[onnx.ModelProto], None]) -> None:
    model = onnx.load_model_from_string(exported("v8"))
    put(model)
    with pytest.raises(NotADetector, match="weights lie in another file"):
        check_onnx(model.SerializeToString())


@pytest.mark.parametrize("data", [b"\x08", b"\xff" * 100, b"PK\x03\x04" + bytes(30)])
def test_what_is_no_onnx_is_no_network(data: bytes) -> None:
    with pytest.raises(NotADetector, match="cannot be read as ONNX"):
        check_onnx(data)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_networks_as_they_are_exported_pass(layout: str) -> None:
    check_onnx(exported(layout))


@pytest.mark.parametrize("name", [b"images", b"output"])
def test_names_that_are_no_text_are_refused(name: bytes) -> None:
    data = exported("v8")
    assert name in data
    with pytest.raises(NotADetector):
        YoloDetector(data.replace(name, b"\xff" * len(name)))
