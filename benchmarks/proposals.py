"""How well each method without labels proposes masks, and how well the ranking chooses."""

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from benchmarks.pairs import CROPS, Pair, add_pair_options, crop_box, read_pairs
from benchmarks.report import Row, add_json_option, show
from ml.detect.detector import find_specimen
from ml.detect.fallback import FallbackDetector
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.boxes import Box
from ml.imaging.frame import Placement, into_photograph
from ml.metrics.overlap import dice
from ml.propose.portfolio import PORTFOLIO, Member, Portfolio
from ml.propose.proposals import (
    SECONDS,
    Proposal,
    add_kanezaki,
    cheap_proposals,
    wants_more,
)

_GROWN = 0.1
_ALL, _FIRST, _BEST = "all", "first-ranked", "best"
_PROCESSOR = "processor"
"""Seconds of processors, which other work on the machine does not lengthen."""


@dataclass(frozen=True)
class Measured:
    """Dice and seconds by method for one photograph, Dice in the order of rank."""

    dice: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def first(self) -> float:
        return next(iter(self.dice.values()), 0.0)

    @property
    def best(self) -> float:
        return max(self.dice.values(), default=0.0)


def main() -> None:
    options = _options()
    pairs = islice(read_pairs(options.photos, options.masks), options.limit)
    measured = [_measured(pair, options.crop, options.seconds) for pair in pairs]
    if not measured:
        raise SystemExit("No photograph has a mask of the same stem.")
    show(f"Proposals, crop {options.crop}", _rows(measured), _summary(measured), options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proposals", description=__doc__)
    add_pair_options(parser)
    parser.add_argument("--crop", choices=CROPS, default="whole", help="what methods are given")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="budget of quick methods")
    parser.add_argument("--limit", type=int, help="only the first so many photographs")
    add_json_option(parser)
    return parser.parse_args()


def _measured(pair: Pair, crop: str, budget: float) -> Measured:
    box = crop_box(pair, crop, located)
    pixels = box.cut(pair.pixels)
    measured = Measured()
    for proposal in _proposed(pixels, budget, measured.seconds):
        value = dice(into_photograph(proposal.mask, Placement(box), *pair.mask.shape), pair.mask)
        measured.dice.update(dict.fromkeys((proposal.method, *proposal.agreeing), value))
    return measured


def _proposed(pixels: Pixels, budget: float, seconds: dict[str, float]) -> list[Proposal]:
    with _clock(_ALL, seconds):
        ranked = cheap_proposals(pixels, _timed(seconds), seconds=budget)
        if wants_more(ranked):
            with _clock("kanezaki", seconds):
                ranked = add_kanezaki(pixels, ranked).ranked
    return ranked


def _timed(seconds: dict[str, float]) -> Portfolio:
    return [[_watched(member, seconds) for member in stage] for stage in PORTFOLIO]


def _watched(member: Member, seconds: dict[str, float]) -> Member:
    def run(pixels: Pixels) -> Mask:
        with _clock(member.name, seconds):
            return member.method(pixels)

    return replace(member, method=run)


@contextmanager
def _clock(name: str, seconds: dict[str, float]) -> Iterator[None]:
    start = time.perf_counter(), time.process_time()
    yield
    seconds[name] = time.perf_counter() - start[0]
    if name == _ALL:
        seconds[_PROCESSOR] = time.process_time() - start[1]


def located(pixels: Pixels) -> Box:
    height, width = pixels.shape[:2]
    found = find_specimen(FallbackDetector(), pixels, half_split=True)
    box = found.box.grown(_GROWN, _GROWN, _GROWN) if found else Box(0, 0, width, height)
    return box.clamped(width, height)


def _rows(measured: Sequence[Measured]) -> list[Row]:
    methods = sorted({method for photograph in measured for method in photograph.dice})
    chosen = {_FIRST: [each.first for each in measured], _BEST: [each.best for each in measured]}
    return [
        *(_row(name, _known(measured, name), _mean_seconds(measured, name)) for name in methods),
        *(_row(name, dices, _mean_seconds(measured, _ALL)) for name, dices in chosen.items()),
    ]


def _known(measured: Sequence[Measured], method: str) -> list[float]:
    return [each.dice[method] for each in measured if method in each.dice]


def _mean_seconds(measured: Sequence[Measured], name: str) -> float | None:
    known = [each.seconds[name] for each in measured if name in each.seconds]
    return float(np.mean(known)) if known else None


def _row(method: str, values: Sequence[float], seconds: float | None) -> Row:
    return {
        "method": method,
        "photographs": len(values),
        "mean": float(np.mean(values)),
        "median": float(np.median(values)),
        "share_0.95": float(np.mean(np.array(values) >= 0.95)),
        "seconds": seconds,
    }


def _summary(measured: Sequence[Measured]) -> dict[str, float]:
    return {
        "first_mean_dice": float(np.mean([each.first for each in measured])),
        "best_mean_dice": float(np.mean([each.best for each in measured])),
        "seconds_per_image": float(np.mean([each.seconds[_ALL] for each in measured])),
        "processor_seconds_per_image": float(
            np.mean([each.seconds[_PROCESSOR] for each in measured])
        ),
    }


if __name__ == "__main__":
    main()
