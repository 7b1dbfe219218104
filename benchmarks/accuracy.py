"""How well a preset learns from true masks: mean Dice on photographs that it never saw.

With `--minutes M` there are as many epochs as fill M minutes on this machine. The clock starts
before the first photograph is read and stops when the weights are there. A few epochs of a
training that is thrown away tell how long one takes, on the same clock; the rest of the time is
divided by that, and the schedule is as long as what comes out.

    python -m benchmarks.accuracy --photos DIR --masks DIR --train 300 --minutes 20
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from benchmarks.learning import Measured, crops, measured, squares
from benchmarks.pairs import add_pair_options, pair_names, read_pairs
from benchmarks.report import add_json_option, show
from ml.config import TrainingConfig
from ml.metrics.intervals import bootstrap_mean
from ml.prediction.predictor import Predictor
from ml.presets import PRESETS
from ml.squares import Squares
from ml.training.train import EpochReport, Trained, train

VALIDATED = 0.1
PROBED = 4
"""Epochs of the training that only tells how long they take; the first one does not count."""
KEPT_BACK = 0.02
"""Share of the time for what the epochs do not tell, such as a machine that slows down."""


@dataclass(frozen=True)
class Names:
    """Which photographs are for what; those that are tested may lie in folders of their own."""

    training: Sequence[str]
    validation: Sequence[str]
    test: Sequence[str]


def main() -> None:
    options = _options()
    names = _names(options)
    began = time.perf_counter()
    trained = _trained(options, names, began)
    minutes = (time.perf_counter() - began) / 60
    if options.weights is not None:
        options.weights.write_bytes(trained.weights)
    tested = read_pairs(
        options.test_photos or options.photos, options.test_masks or options.masks, names.test
    )
    found = list(measured(Predictor(trained.weights), crops(tested, options.crop)))
    summary = _summary(found, minutes)
    row = {
        "preset": options.preset,
        "seed": options.seed,
        "labels": options.train,
        "tested": len(found),
        "epochs": trained.epochs,
        "best_epoch": trained.best_epoch,
        "threads": torch.get_num_threads(),
    }
    show("Accuracy on photographs never seen", [{**row, **summary}], summary, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add_pair_options(parser)
    parser.add_argument("--crop", choices=("whole", "masks"), default="whole")
    parser.add_argument("--preset", choices=PRESETS, default="tiny")
    parser.add_argument("--train", type=int, default=300, help="photographs to learn from")
    parser.add_argument("--test", type=int, default=100, help="photographs to measure on, at most")
    parser.add_argument("--test-photos", type=Path, help="measure on these, not on the rest")
    parser.add_argument("--test-masks", type=Path, help="their true masks, same stems")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, help="train so long on this machine")
    length.add_argument("--epochs", type=int, help="instead of the preset's")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", type=Path, metavar="FILE", help="keep the weights here")
    add_json_option(parser)
    options = parser.parse_args()
    if (options.test_photos is None) != (options.test_masks is None):
        parser.error("--test-photos and --test-masks go together")
    return options


def _names(options: argparse.Namespace) -> Names:
    shuffled = _shuffled(pair_names(options.photos, options.masks), options.seed)
    chosen, rest = shuffled[: options.train], shuffled[options.train :]
    if options.test_photos is not None:
        rest = _shuffled(pair_names(options.test_photos, options.test_masks), options.seed)
    count = max(1, round(VALIDATED * len(chosen)))
    return Names(chosen[count:], chosen[:count], rest[: options.test])


def _shuffled(names: Sequence[str], seed: int) -> list[str]:
    return [str(name) for name in np.random.default_rng(seed).permutation(np.array(names))]


def _trained(options: argparse.Namespace, names: Names, began: float) -> Trained:
    config = replace(PRESETS[options.preset], seed=options.seed)
    with TemporaryDirectory() as folder:
        training, validation = (
            _squares(options, chosen, Path(folder, f"{number}.npy"), config.side)
            for number, chosen in enumerate((names.training, names.validation))
        )
        epochs = options.epochs
        if options.minutes:
            epochs = _epochs_for(config, training, validation, began + 60 * options.minutes)
        return train(_lasting(config, epochs), training, validation, on_epoch=_tell)


def _squares(options: argparse.Namespace, names: Sequence[str], path: Path, side: int) -> Squares:
    pairs = read_pairs(options.photos, options.masks, frozenset(names))
    return squares(path, len(names), crops(pairs, options.crop), side)


def _epochs_for(
    config: TrainingConfig, training: Squares, validation: Squares, until: float
) -> int:
    """Train a little, to know how many epochs there is time for."""
    ends: list[float] = []
    train(
        _lasting(config, PROBED),
        training,
        validation,
        on_epoch=lambda _report: ends.append(time.perf_counter()),
    )
    seconds = (ends[-1] - ends[0]) / (PROBED - 1)
    left = (1 - KEPT_BACK) * (until - time.perf_counter())
    print(f"{seconds:.1f} s an epoch, {left:.0f} s left", flush=True)
    return max(1, int(left / seconds))


def _lasting(config: TrainingConfig, epochs: int | None) -> TrainingConfig:
    """With so many epochs, none of which is spared; without a number, the preset as it is."""
    return config if epochs is None else replace(config, epochs=epochs, stop_patience=epochs)


def _tell(report: EpochReport) -> None:
    print(
        f"{report.epoch:3} loss {report.train_loss:.3f} validation {report.validation_loss:.3f} "
        f"dice {report.validation_dice:.3f} rate {report.learning_rate:.5f} {report.seconds:.0f} s",
        flush=True,
    )


def _summary(found: Sequence[Measured], minutes: float) -> dict[str, float]:
    dices = np.array([each.dice for each in found])
    edges = np.array([each.boundary_f for each in found])
    doubts = np.array([each.uncertainty for each in found])
    interval, edge = bootstrap_mean(dices), bootstrap_mean(edges)
    return {
        "mean_dice": interval.mean,
        "mean_dice_low": interval.low,
        "mean_dice_high": interval.high,
        "median_dice": float(np.median(dices)),
        "above_95": float(np.mean(dices >= 0.95)),
        "boundary_f": edge.mean,
        "boundary_f_low": edge.low,
        "boundary_f_high": edge.high,
        "uncertainty_rank_correlation": _rank_correlation(1 - dices, doubts),
        "minutes": minutes,
    }


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.argsort().argsort(), second.argsort().argsort())[0, 1])


if __name__ == "__main__":
    main()
