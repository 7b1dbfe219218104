"""Kanezaki's method with fast settings against its original ones, on the same photographs."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch

from benchmarks.pairs import CROPS, Pair, add_pair_options, crop_box, read_pairs
from benchmarks.proposals import located
from benchmarks.report import Row, add_json_option, show
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.frame import into_photograph
from ml.imaging.read import fit_within
from ml.metrics.intervals import paired
from ml.metrics.overlap import dice
from ml.propose.background import without_background
from ml.propose.finishing import Finishing, enlarged, finished
from ml.propose.kanezaki import (
    FAST,
    LAB_FELZENSZWALB,
    LAB_SLIC,
    ORIGINAL,
    KanezakiConfig,
    kanezaki_blocks,
)

_SETTINGS = {
    "fast": FAST,
    "original": ORIGINAL,
    "lab-slic": LAB_SLIC,
    "lab-felzenszwalb": LAB_FELZENSZWALB,
}


@dataclass(frozen=True)
class Taken:
    dice: float
    seconds: float
    processor: float
    blocks: int
    steps: int


def main() -> None:
    options = _options()
    taken: dict[str, list[Taken]] = {name: [] for name in options.settings}
    pairs = list(islice(read_pairs(options.photos, options.masks), 0, None, options.every))
    for pair in pairs[: options.limit]:
        for name in options.settings:
            taken[name].append(_taken(pair, options.crop, _SETTINGS[name]))
            print(pair.name, name, taken[name][-1], flush=True)
    if not taken[options.settings[0]]:
        raise SystemExit("No photograph has a mask of the same stem.")
    rows = [_row(name, runs) for name, runs in taken.items()]
    show(f"Kanezaki, crop {options.crop}", rows, _summary(taken), options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kanezaki", description=__doc__)
    add_pair_options(parser)
    parser.add_argument("--crop", choices=CROPS, default="whole", help="what the method is given")
    parser.add_argument("--limit", type=int, default=20, help="so many photographs")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th photograph")
    parser.add_argument(
        "--settings", nargs="+", choices=list(_SETTINGS), default=["fast", "original"]
    )
    add_json_option(parser)
    return parser.parse_args()


def _taken(pair: Pair, crop: str, config: KanezakiConfig) -> Taken:
    box = crop_box(pair, crop, located)
    pixels = box.cut(pair.pixels)
    steps: list[int] = []
    start = time.perf_counter(), time.process_time()
    small = fit_within(pixels, config.side)
    blocks = kanezaki_blocks(small, config, seed=0, on_progress=lambda at: steps.append(at.done))
    mask = _finished(without_background(blocks, config.background), small, pixels)
    seconds, processor = time.perf_counter() - start[0], time.process_time() - start[1]
    value = dice(into_photograph(mask, box, *pair.mask.shape), pair.mask)
    return Taken(value, seconds, processor, int(blocks.max()) + 1, len(steps))


def _finished(mask: Mask, small: Pixels, pixels: Pixels) -> Mask:
    return enlarged(finished(mask, small, Finishing()), pixels)


def _row(name: str, runs: Sequence[Taken]) -> Row:
    return {
        "settings": name,
        "photographs": len(runs),
        "mean_dice": float(np.mean([run.dice for run in runs])),
        "median_dice": float(np.median([run.dice for run in runs])),
        "seconds": float(np.mean([run.seconds for run in runs])),
        "processor_seconds": float(np.mean([run.processor for run in runs])),
        "steps": float(np.mean([run.steps for run in runs])),
        "blocks": float(np.mean([run.blocks for run in runs])),
    }


def _summary(taken: dict[str, list[Taken]]) -> dict[str, object]:
    summary: dict[str, object] = {"threads": torch.get_num_threads()}
    first, *others = taken
    for other in others:
        compared = paired([run.dice for run in taken[first]], [run.dice for run in taken[other]])
        gain = compared.difference
        seconds = [sum(run.seconds for run in taken[name]) for name in (first, other)]
        summary[f"times_faster_than_{other}"] = seconds[1] / seconds[0]
        summary[f"dice_above_{other}"] = gain.mean
        summary[f"dice_above_{other}_interval"] = [gain.low, gain.high]
    return summary


if __name__ == "__main__":
    main()
