"""How well detectors find specimens: the fallback, the shipped one, one that is trained here.

Of each data set that is named under --learn, so many photographs train the detector called
``trained`` (box of the mask), and all detectors are measured on the others. What lies beside a
specimen is known on drawn photographs only.
"""

import argparse
import math
import random
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.pairs import pair_names, read_pairs
from benchmarks.report import Cell, Row, add_json_option, show, table
from ml.detect.detector import Detector, find_specimen
from ml.detect.fallback import FallbackDetector
from ml.detect.figures import GOOD_IOU
from ml.detect.settling import SettlingDetector
from ml.detect.shipped import shipped_detector, shipped_weights
from ml.detect.training import DetectorReport, Example, train_detector
from ml.detect.yolo import YoloDetector
from ml.detector_config import DetectorConfig
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.boxes import Box
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import read_photograph

WHOLE = 0.995
"""Share of the mask's pixels that the enlarged box must hold."""
GROWTHS = (0.1, 0.2)
"""By which boxes are enlarged: a twentieth, and a tenth, on each side."""
MOST_GROWTH = 2.0
WANTED_WHOLE = 0.97
DRAWN, FIRST_SEED = 60, 70_000
VALIDATION = 40
SEED = 5


@dataclass(frozen=True)
class Truth:
    data: str
    pixels: Pixels
    mask: Mask
    beside: tuple[Box, ...] | None = None


@dataclass(frozen=True)
class Look:
    """What a detector made of one photograph.

    ``growth`` is by how much its box must be enlarged to hold the whole specimen, and ``things``
    the share of the crop that ruler, card and labels take.
    """

    iou: float
    whole: tuple[bool, ...]
    growth: float
    things: float | None
    ms: float


def main() -> None:
    options = _options()
    learned = {name: _learned(options.data / name, count) for name, count in options.learn}
    curve: list[Row] = []
    detectors = [_detector(name) for name in options.detector]
    if learned:
        detectors.append(_train(options, learned, curve))
    looks: dict[tuple[str, str], list[Look]] = {}
    for truth in _truths(options, learned):
        for detector in detectors:
            looks.setdefault((detector.name, truth.data), []).append(_look(detector, truth))
    rows = [_row(*key, looks[key]) for key in sorted(looks, key=lambda key: key[::-1])]
    if curve:
        print(f"\nLearning curve on {VALIDATION} photographs not learned from\n{table(curve)}")
    show("Detection", rows, {"curve": curve}, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of data sets, each with photos/ and masks/"
    )
    parser.add_argument("--sets", nargs="+", default=["museum", "wild"], help="names of data sets")
    parser.add_argument(
        "--detector", nargs="*", default=["fallback", "shipped"],
        help="fallback, shipped, or ONNX files",
    )  # fmt: skip
    parser.add_argument(
        "--learn", nargs="*", type=_count, default=[], metavar="SET=COUNT",
        help="train a detector on so many photographs, e.g. wild=200 museum=5",
    )  # fmt: skip
    parser.add_argument("--steps", type=int, default=DetectorConfig().steps, help="of the training")
    parser.add_argument("--keep", type=Path, help="file of the network that is trained, or was")
    parser.add_argument("--from-scratch", action="store_true", help="not from the shipped weights")
    parser.add_argument("--limit", type=int, help="measure on so many photographs of each set")
    add_json_option(parser)
    return parser.parse_args()


def _count(text: str) -> tuple[str, int]:
    name, _, count = text.partition("=")
    return name, int(count)


def _detector(choice: str) -> Detector:
    if choice == "shipped":
        return shipped_detector()
    return FallbackDetector() if choice == "fallback" else YoloDetector(Path(choice))


def _learned(folder: Path, count: int) -> list[str]:
    """Names drawn at random, the same at every run."""
    names = pair_names(folder / "photos", folder / "masks")
    return random.Random(SEED).sample(names, count)


def _truths(options: argparse.Namespace, learned: dict[str, list[str]]) -> Iterator[Truth]:
    for name in options.sets:
        photos, masks = options.data / name / "photos", options.data / name / "masks"
        unseen = [own for own in pair_names(photos, masks) if own not in learned.get(name, ())]
        random.Random(SEED).shuffle(unseen)
        for pair in read_pairs(photos, masks, set(unseen[: options.limit])):
            yield Truth(name, pair.pixels, pair.mask)
    for seed in range(FIRST_SEED, FIRST_SEED + min(DRAWN, options.limit or DRAWN)):
        drawn = draw_specimen(seed, width=640, height=455)
        yield Truth("drawn", drawn.pixels, drawn.mask, drawn.beside)


def _look(detector: Detector, truth: Truth) -> Look:
    began = time.perf_counter()
    found = find_specimen(detector, truth.pixels, half_split=True)
    ms = (time.perf_counter() - began) * 1000
    if found is None:
        none = 0.0 if truth.beside is not None else None
        return Look(0.0, (False,) * len(GROWTHS), math.inf, none, ms)
    whole = tuple(_is_whole(found.box, by, truth.mask) for by in GROWTHS)
    things = _things(truth, _enlarged(found.box, GROWTHS[0], truth.mask))
    iou, growth = found.box.iou(Box.around(truth.mask)), _growth(found.box, truth.mask)
    return Look(iou, whole, growth, things, ms)


def _enlarged(box: Box, by: float, mask: Mask) -> Box:
    height, width = mask.shape
    return box.grown(by, by, by).clamped(width, height)


def _is_whole(box: Box, by: float, mask: Mask) -> bool:
    held = np.count_nonzero(_enlarged(box, by, mask).cut(mask))
    return bool(held >= WHOLE * np.count_nonzero(mask))


def _growth(box: Box, mask: Mask) -> float:
    """The least of the growths, in steps of 0.01, with which it is whole."""
    steps = round(100 * MOST_GROWTH)
    least = bisect_left(range(steps + 1), True, key=lambda at: _is_whole(box, at / 100, mask))
    return least / 100 if least <= steps else math.inf


def _things(truth: Truth, crop: Box) -> float | None:
    """The share of the crop under ruler, card and labels; they never overlap."""
    if truth.beside is None:
        return None
    return sum(thing.shared(crop).area for thing in truth.beside) / max(crop.area, 1)


def _row(detector: str, data: str, looks: Sequence[Look]) -> dict[str, Cell]:
    ious = np.array([look.iou for look in looks])
    whole = np.array([look.whole for look in looks], float).mean(axis=0).tolist()
    things = [look.things for look in looks if look.things is not None]
    growth = float(np.quantile([look.growth for look in looks], WANTED_WHOLE, method="higher"))
    return {
        "data": data,
        "detector": detector,
        "photographs": len(looks),
        "mean_iou": float(ious.mean()),
        f"iou_{GOOD_IOU}": float((ious >= GOOD_IOU).mean()),
        **{f"whole_{by}": share for by, share in zip(GROWTHS, whole, strict=True)},
        f"growth_for_{WANTED_WHOLE}": growth if math.isfinite(growth) else None,
        "things_in_crop": float(np.mean(things)) if things else None,
        "crops_with_things": float(np.mean(np.array(things) > 0.005)) if things else None,
        "ms": float(np.median([look.ms for look in looks])),
    }


def _train(
    options: argparse.Namespace, learned: dict[str, list[str]], curve: list[Row]
) -> Detector:
    """Train on the learned names; some of the others tell how it learns."""
    if options.keep and options.keep.is_file():
        return SettlingDetector(YoloDetector(options.keep.read_bytes(), name="trained"))
    training = [
        _example(options.data / name, own) for name, names in learned.items() for own in names
    ]
    unseen = [
        (name, own)
        for name, names in learned.items()
        for own in pair_names(options.data / name / "photos", options.data / name / "masks")
        if own not in names
    ]
    some = random.Random(SEED).sample(unseen, min(VALIDATION, len(unseen)))
    began = time.process_time()

    def report(now: DetectorReport) -> None:
        minutes = {"minutes": now.seconds / 60, "minutes_with_all": _minutes(began)}
        curve.append({**asdict(replace(now, seconds=round(now.seconds, 1))), **minutes})
        print(curve[-1], flush=True)

    config = DetectorConfig(steps=options.steps, seed=SEED)
    trained = train_detector(
        training,
        [_example(options.data / name, own) for name, own in some],
        config,
        start=None if options.from_scratch else shipped_weights(config),
        on_report=report,
    )
    if options.keep:
        options.keep.write_bytes(trained.onnx)
    return SettlingDetector(YoloDetector(trained.onnx, name="trained"))


def _minutes(began: float) -> float:
    return (time.process_time() - began) / 60


def _example(folder: Path, name: str) -> Example:
    (pair,) = read_pairs(folder / "photos", folder / "masks", {name})
    path = pair.photograph
    return Example(lambda: read_photograph(path.read_bytes()).pixels, (Box.around(pair.mask),))


if __name__ == "__main__":
    main()
