"""What benchmarks of training share: squares from true masks, and figures of what was learned."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pairs import Pair, crop_box
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.boxes import Box
from ml.metrics.figures import figures
from ml.prediction.predictor import Predictor
from ml.squares import Squares


@dataclass(frozen=True)
class Crop:
    name: str
    pixels: Pixels
    mask: Mask


@dataclass(frozen=True)
class Measured:
    """How well one crop was predicted."""

    name: str
    dice: float
    boundary_f: float
    uncertainty: float


def crops(pairs: Iterable[Pair], crop: str) -> Iterator[Crop]:
    for pair in pairs:
        box = crop_box(pair, crop, _no_detector)
        yield Crop(pair.name, box.cut(pair.pixels), box.cut(pair.mask))


def squares(path: Path, count: int, given: Iterable[Crop], side: int) -> Squares:
    filled = Squares.create(path, count, side)
    for index, crop in zip(range(count), given, strict=True):
        filled.put(index, crop.pixels, crop.mask)
    return filled


def measured(predictor: Predictor, given: Iterable[Crop]) -> Iterator[Measured]:
    for crop in given:
        prediction = predictor.predict([crop.pixels])[0]
        found = figures(prediction.mask, crop.mask)
        yield Measured(crop.name, found.dice, found.boundary_f, prediction.uncertainty)


def _no_detector(_pixels: Pixels) -> Box:
    raise NotImplementedError("this benchmark crops by the true masks or not at all")
