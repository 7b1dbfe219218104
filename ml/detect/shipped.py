"""The detector that comes with the program, trained on drawn photographs alone."""

from ml import shipped_detector as files
from ml.detect.detector import Detector
from ml.detect.settling import SettlingDetector
from ml.detect.yolo import YoloDetector
from ml.detector_config import DetectorConfig

WIDTH = files.WIDTH
ONNX = files.onnx()
WEIGHTS = files.weights()
"""To begin the training of another detector with."""
CARD = files.FOLDER / "shipped.json"
"""How they were made, and how to make them again."""


def shipped_detector() -> Detector:
    """Open the detector that comes with the program; its name is ``shipped``."""
    return SettlingDetector(YoloDetector(files.onnx(), name="shipped"))


def shipped_weights(config: DetectorConfig) -> bytes | None:
    """Return its weights, for ``train_detector(start=…)``; none if it is of another width."""
    return files.weights().read_bytes() if config.width == WIDTH else None
