"""Opening the detector that was chosen; a network takes long to open, so it is kept."""

from functools import lru_cache
from pathlib import Path

from app.errors import Refused
from app.services.detectors import FALLBACK, SETTING, SHIPPED, DetectorChoice
from ml import shipped_detector
from ml.detect.detector import Detector
from ml.detect.fallback import FallbackDetector
from ml.detect.settling import SettlingDetector
from ml.detect.shipped import shipped_detector as open_shipped
from ml.detect.yolo import YoloDetector
from worker.context import Context

KEPT = 4
"""Networks at once: sources may have detectors of their own."""


@lru_cache(maxsize=KEPT)
def opened(context: Context, choice: DetectorChoice) -> Detector:
    """Open a detector, or return the one that is open.

    Raises:
        NotADetector: the file is no YOLO network.
        Refused: there is no such file.
        NotFound: the network's file is missing in the blob store.
    """
    if choice.digest is not None:
        network = YoloDetector(context.blobs.read(choice.digest), classes=choice.classes)
        return SettlingDetector(network) if choice.trained_here else network
    name = context.settings.detector if choice.name == SETTING else choice.name
    if name == FALLBACK:
        return FallbackDetector()
    if name == SHIPPED:
        if not shipped_detector.is_there():
            raise Refused("This copy of Mothmask came without a detector; choose “fallback”.")
        return open_shipped()
    if not Path(name).is_file():
        raise Refused("There is no detector {file}; correct MOTHMASK_DETECTOR.", file=name)
    return YoloDetector(Path(name))


def origin_of(choice: DetectorChoice, detector: Detector) -> str:
    """What a crop says of where its box is from: files have names of their own."""
    return detector.name if choice.name == SETTING else choice.name
