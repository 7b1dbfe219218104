"""How fast each preset learns on this machine: images per second, forward and backward."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np
import torch

from benchmarks.report import Row, add_json_option, show
from ml.learner import Learner
from ml.presets import PRESETS, TrainingConfig

SIDE = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="to measure each preset for")
    parser.add_argument("--threads", type=int, help="instead of as many as there are cores")
    add_json_option(parser)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    rows = [_row(name, replace(PRESETS[name], side=SIDE), options.seconds) for name in PRESETS]
    rates = {str(row["preset"]): row["images_per_second"] for row in rows}
    summary = {"images_per_second": rates, "threads": torch.get_num_threads()}
    show(f"Training at {SIDE}²", rows, summary, options.json)


def _row(name: str, config: TrainingConfig, seconds: float) -> Row:
    learner = Learner(config, None)
    shape = (config.batch, SIDE, SIDE, 4)
    squares = torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    rate = config.batch * _per_second(lambda: learner.step(squares), seconds)
    weights = sum(parameter.numel() for parameter in learner.network.parameters())
    return {
        "preset": name,
        "million_weights": weights / 1e6,
        "batch": config.batch,
        "images_per_second": rate,
    }


def _per_second(step: Callable[[], object], seconds: float) -> float:
    step()  # the first one also prepares
    began, done = perf_counter(), 0
    while perf_counter() - began < seconds or done < 2:
        step()
        done += 1
    return done / (perf_counter() - began)


if __name__ == "__main__":
    main()
