"""What an ONNX file may not be, before anything runs it."""

from collections.abc import Iterable, Iterator

import onnx
from google.protobuf.message import DecodeError
from onnx import GraphProto, NodeProto, TensorProto
from onnx.external_data_helper import uses_external_data

from ml.errors import NotADetector


def check_onnx(data: bytes) -> None:
    """Refuse a file that is no ONNX, or that names other files of the machine that runs it.

    Raises:
        NotADetector: it is such a file.
    """
    try:
        model = onnx.load_model_from_string(data)
    except DecodeError as error:
        raise _refused("it cannot be read as ONNX") from error
    nodes = [node for function in model.functions for node in function.node]
    if any(map(uses_external_data, [*_in_graph(model.graph), *_in_nodes(nodes)])):
        raise _refused("its weights lie in another file")


def _in_graph(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _in_nodes(graph.node)


def _in_nodes(nodes: Iterable[NodeProto]) -> Iterator[TensorProto]:
    for node in nodes:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for graph in (attribute.g, *attribute.graphs):
                yield from _in_graph(graph)


def _refused(reason: str) -> NotADetector:
    return NotADetector(
        "This file is no YOLO network that can be used: {reason}. Export the network to a single "
        "ONNX file.",
        reason=reason,
    )
