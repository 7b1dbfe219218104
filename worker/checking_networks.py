"""Whether an ONNX file from outside can serve as a detector: a decoder finds out."""

from collections.abc import Sequence
from typing import IO, BinaryIO

from app.decoding.pool import decoders
from ml.detect.onnx_files import check_onnx
from ml.detect.yolo import YoloDetector


class InDecoder:
    """What a decoder does with it: it is run once, on the processor."""

    def __init__(self, file: BinaryIO, classes: list[int]) -> None:
        data = file.read()
        check_onnx(data)
        self.about = YoloDetector(data, classes=classes).layout


def layout_of(file: IO[bytes], classes: Sequence[int]) -> str:
    """How the outputs of the network lie.

    Raises:
        NotADetector: it is none.
        Refused: it takes too long or too much memory, or breaks the decoder.
    """
    with decoders.opened(InDecoder, file, classes=list(classes)) as opened:
        return str(opened.about)
