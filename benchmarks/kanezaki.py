"""Kanezaki's method with fast settings against its original ones, on the same photographs.

The original ones take minutes for each photograph, so --kept lets a run go on where one was cut.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from benchmarks.pairs import CROPS, Pair, add_pair_options, crop_box, read_pairs
from benchmarks.proposals import located
from benchmarks.report import Row, add_json_option, show
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.frame import Placement, into_photograph
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


Compared = dict[str, Taken]
"""One photograph with each of the settings."""


def main() -> None:
    options = _options()
    every = islice(read_pairs(options.photos, options.masks), 0, None, options.every)
    kept = _kept(options.kept)
    taken: list[Compared] = []
    for pair in islice(every, options.limit):
        if not set(options.settings) <= kept.get(pair.name, {}).keys():
            kept[pair.name] = {
                name: _taken(pair, options.crop, _SETTINGS[name]) for name in options.settings
            }
            _keep(options.kept, pair.name, kept[pair.name])
        taken.append(kept[pair.name])
        print(pair.name, *taken[-1].items(), sep="\n  ", flush=True)
    if not taken:
        raise SystemExit("No photograph has a mask of the same stem.")
    runs = {name: [compared[name] for compared in taken] for name in options.settings}
    rows = [_row(name, own) for name, own in runs.items()]
    show(f"Kanezaki, crop {options.crop}", rows, _summary(runs), options.json)


def _kept(file: Path | None) -> dict[str, Compared]:
    if file is None or not file.is_file():
        return {}
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return {
        line["photograph"]: {name: Taken(**taken) for name, taken in line["settings"].items()}
        for line in lines
    }


def _keep(file: Path | None, photograph: str, compared: Compared) -> None:
    if file is None:
        return
    settings = {name: asdict(taken) for name, taken in compared.items()}
    with file.open("a", encoding="utf-8") as lines:
        line = {"photograph": photograph, "settings": settings}
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kanezaki", description=__doc__)
    add_pair_options(parser)
    parser.add_argument("--crop", choices=CROPS, default="whole", help="what the method is given")
    parser.add_argument("--limit", type=int, default=20, help="so many photographs")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th photograph")
    parser.add_argument(
        "--settings", nargs="+", choices=list(_SETTINGS), default=["fast", "original"]
    )
    parser.add_argument("--kept", type=Path, metavar="FILE", help="what is measured, line by line")
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
    value = dice(into_photograph(mask, Placement(box), *pair.mask.shape), pair.mask)
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
        # Processor seconds, because a run of hours shares its machine.
        seconds = [sum(run.processor for run in taken[name]) for name in (first, other)]
        summary[f"times_faster_than_{other}"] = seconds[1] / seconds[0]
        summary[f"dice_above_{other}"] = gain.mean
        summary[f"dice_above_{other}_interval"] = [gain.low, gain.high]
    return summary


if __name__ == "__main__":
    main()
