"""Photographs with their true masks, read one pair at a time, and the three ways to crop them."""

import argparse
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from ml.imaging.arrays import Mask, Pixels
from ml.imaging.boxes import Box
from ml.imaging.outside import Place, read_outside
from ml.imaging.read import read_photograph

CROPS = ("whole", "detector", "masks")
Locate = Callable[[Pixels], Box]


@dataclass(frozen=True)
class Pair:
    name: str
    photograph: Path
    pixels: Pixels
    mask: Mask


def add_pair_options(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    parser.add_argument("--photos", type=Path, required=required, help="folder of photographs")
    parser.add_argument(
        "--masks", type=Path, required=required, help="folder of true masks, same stems"
    )


def pair_names(photos: Path, masks: Path) -> list[str]:
    """The stems that ``read_pairs`` reads, in its order."""
    truths = {path.stem for path in masks.iterdir() if path.is_file()}
    return sorted(path.stem for path in photos.iterdir() if path.stem in truths)


def read_pairs(photos: Path, masks: Path, names: Container[str] | None = None) -> Iterator[Pair]:
    """Every photograph that has a mask of the same stem, or those of ``names``, in their order."""
    truths = {path.stem: path for path in masks.iterdir() if path.is_file()}
    for photograph in sorted(photos.iterdir()):
        if photograph.stem in truths and (names is None or photograph.stem in names):
            pixels = read_photograph(photograph.read_bytes()).pixels
            place = Place((pixels.shape[0], pixels.shape[1]))
            truth = read_outside(truths[photograph.stem].read_bytes(), place, inverted=False)
            yield Pair(photograph.stem, photograph, pixels, truth.checked())


def crop_box(pair: Pair, crop: str, locate: Locate) -> Box:
    """The box to work in: everything, what the detector finds enlarged, or the true box + 10 %."""
    height, width = pair.mask.shape
    if crop == "whole":
        return Box(0, 0, width, height)
    if crop == "masks":
        return Box.around(pair.mask).grown(0.1, 0.1, 0.1).clamped(width, height)
    return locate(pair.pixels)
