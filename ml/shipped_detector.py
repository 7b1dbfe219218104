"""The files of the detector that comes with the program: whether they are there. Without torch."""

from pathlib import Path
from typing import Final

FOLDER = Path(__file__).parent / "detect" / "weights"
WIDTH: Final = 16
"""Channels of its first layer."""
BEATS_FALLBACK: Final[bool] = False
"""Whether it found specimens on real photographs better than the fallback; see docs/decisions."""


def onnx() -> Path:
    """Return where the network lies, for ``ml.detect.yolo.YoloDetector``."""
    return FOLDER / "shipped.onnx"


def weights() -> Path:
    """Return where its weights lie, to begin the training of another detector with."""
    return FOLDER / "shipped.safetensors"


def is_there() -> bool:
    """Tell whether this copy of the program came with them."""
    return onnx().is_file() and weights().is_file()


def default_name() -> str:
    """Return the name of the detector that serves where nobody has chosen one."""
    return "shipped" if BEATS_FALLBACK and is_there() else "fallback"
