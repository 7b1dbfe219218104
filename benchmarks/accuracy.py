"""How well a preset learns from true masks: mean Dice on photographs that it never saw."""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from benchmarks.pairs import Pair, add_pair_options, crop_box, read_pairs
from benchmarks.report import Row, add_json_option, show
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.boxes import Box
from ml.metrics import dice
from ml.predict import Predictor
from ml.presets import PRESETS
from ml.squares import Squares
from ml.train import EpochReport, Trained, train

Crop = tuple[Pixels, Mask]


def main() -> None:
    options = _options()
    crops = _crops(read_pairs(options.photos, options.masks), options.crop)
    order = np.random.default_rng(options.seed).permutation(len(crops))
    chosen, held_out = order[: options.train], order[options.train :][: options.test]
    began = perf_counter()
    trained = _trained(options, [crops[index] for index in chosen])
    minutes = (perf_counter() - began) / 60
    measured = _measured(Predictor(trained.weights), [crops[index] for index in held_out])
    dices, doubts = np.array(measured).T
    summary = {
        "mean_dice": float(dices.mean()),
        "median_dice": float(np.median(dices)),
        "above_95": float(np.mean(dices >= 0.95)),
        "uncertainty_rank_correlation": _rank_correlation(1 - dices, doubts),
        "minutes": minutes,
    }
    row: Row = {"preset": options.preset, "labels": len(chosen), "epochs": trained.epochs}
    show("Accuracy on photographs never seen", [{**row, **summary}], {**summary}, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_pair_options(parser)
    parser.add_argument("--crop", choices=("whole", "masks"), default="whole")
    parser.add_argument("--preset", choices=PRESETS, default="tiny")
    parser.add_argument("--train", type=int, default=300, help="photographs to learn from")
    parser.add_argument("--test", type=int, default=100, help="photographs to measure on")
    parser.add_argument("--epochs", type=int, help="instead of the preset's")
    parser.add_argument("--seed", type=int, default=0)
    add_json_option(parser)
    return parser.parse_args()


def _crops(pairs: Iterable[Pair], crop: str) -> list[Crop]:
    crops = []
    for pair in pairs:
        box = crop_box(pair, crop, _no_detector)
        crops.append((box.cut(pair.pixels), box.cut(pair.mask)))
    return crops


def _no_detector(_pixels: Pixels) -> Box:
    raise NotImplementedError("this benchmark crops by the true masks or not at all")


def _trained(options: argparse.Namespace, crops: Sequence[Crop]) -> Trained:
    config = replace(PRESETS[options.preset], seed=options.seed)
    if options.epochs:
        config = replace(config, epochs=options.epochs)
    count = max(1, round(0.1 * len(crops)))
    with TemporaryDirectory() as folder:
        training = _squares(Path(folder, "training.npy"), crops[count:], config.side)
        validation = _squares(Path(folder, "validation.npy"), crops[:count], config.side)
        return train(config, training, validation, on_epoch=_tell)


def _squares(path: Path, crops: Sequence[Crop], side: int) -> Squares:
    squares = Squares.create(path, len(crops), side)
    for index, (pixels, mask) in enumerate(crops):
        squares.put(index, pixels, mask)
    return squares


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.argsort().argsort(), second.argsort().argsort())[0, 1])


def _tell(report: EpochReport) -> None:
    print(
        f"{report.epoch:3} loss {report.train_loss:.3f} validation {report.validation_loss:.3f} "
        f"dice {report.validation_dice:.3f} rate {report.learning_rate:.5f} {report.seconds:.0f} s",
        flush=True,
    )


def _measured(predictor: Predictor, crops: Sequence[Crop]) -> list[tuple[float, float]]:
    """Dice and uncertainty of each crop."""
    predictions = [predictor.predict([pixels])[0] for pixels, _ in crops]
    return [
        (dice(prediction.mask, truth), prediction.uncertainty)
        for prediction, (_, truth) in zip(predictions, crops, strict=True)
    ]


if __name__ == "__main__":
    main()
