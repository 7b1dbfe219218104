"""How well a detector's boxes fit the boxes of the true masks."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.pairs import Pair, add_pair_options, read_pairs
from benchmarks.report import Row, add_json_option, show
from ml.detect.detector import Detector, find_specimen
from ml.detect.fallback import FallbackDetector
from ml.detect.yolo import YoloDetector
from ml.imaging.boxes import Box


def main() -> None:
    options = _options()
    detector = _detector(options.detector)
    rows = [_row(detector, pair) for pair in read_pairs(options.photos, options.masks)]
    if not rows:
        raise SystemExit("No photograph has a mask of the same stem.")
    show(f"Detection by {detector.name}", rows, _summary(rows), options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    add_pair_options(parser)
    parser.add_argument("--detector", default="fallback", help="fallback, or an ONNX file")
    add_json_option(parser)
    return parser.parse_args()


def _detector(choice: str) -> Detector:
    return FallbackDetector() if choice == "fallback" else YoloDetector(Path(choice))


def _row(detector: Detector, pair: Pair) -> Row:
    start = time.perf_counter()
    found = find_specimen(detector, pair.pixels, half_split=True)
    milliseconds = (time.perf_counter() - start) * 1000
    return {
        "photograph": pair.name,
        "iou": found.box.iou(Box.around(pair.mask)) if found else 0.0,
        "confidence": found.confidence if found else None,
        "ms": milliseconds,
    }


def _summary(rows: Sequence[Row]) -> dict[str, float]:
    ious = np.array([row["iou"] for row in rows], float)
    milliseconds = np.array([row["ms"] for row in rows], float)
    return {
        "mean_iou": float(ious.mean()),
        "min_iou": float(ious.min()),
        "ms_per_photo": float(milliseconds.mean()),
    }


if __name__ == "__main__":
    main()
