"""Whether mix sampling and contour weighting help a hard group, and what they cost the rest.

The hard group are the photographs whose names start with `--hard`, or of drawn specimens those
with pale, white or transparent wings. For each seed a network first learns from others alone
(`before`). Then hard specimens have been labelled and join: each arm goes on from the same weights
for the same number of steps, and is measured on hard specimens that it never saw (`--folds`, so
that each is measured once per seed) and on others that no arm ever saw.

    python -m benchmarks.hard_groups                                           drawn specimens
    python -m benchmarks.hard_groups --photos DIR --masks DIR --hard 008
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from torch import Generator

from benchmarks.learning import Crop, crops, measured, squares
from benchmarks.pairs import add_pair_options, pair_names, read_pairs
from benchmarks.report import Row, add_json_option, save, show
from ml.config import ContourWeighting, Sampling, TrainingConfig
from ml.imaging.drawn import draw_specimen
from ml.metrics.intervals import bootstrap_mean, paired
from ml.prediction.predictor import Predictor
from ml.presets import PRESETS
from ml.squares import Groups
from ml.training.sampling import epoch_batches
from ml.training.train import train

PALE = frozenset({"pale", "white", "transparent"})
VALIDATED = 0.1
OTHERS_TESTED = 0.1

MIX = Sampling(draw="mix", sample_factor=3)
ARMS = {
    "plain": (False, Sampling()),
    "contour": (True, Sampling()),
    "mix": (False, MIX),
    "contour+mix": (True, MIX),
}
"""Whether the contour is weighted, and how squares are drawn; the values are the lab's."""
LAB_SIDE = 256
GROUPS, FIGURES = ("hard", "others"), ("dice", "boundary_f")
EPOCH = 40
"""Steps; as many for each arm."""


@dataclass(frozen=True)
class Collection:
    """Crops by name, and which of them are hard."""

    crops: dict[str, Crop]
    hard: frozenset[str]

    def some(self, names: Sequence[str]) -> Iterator[Crop]:
        return (self.crops[name] for name in names)


@dataclass(frozen=True)
class Fold:
    """Who learns and who is measured in one fold of one seed; `others` stay for all folds."""

    seed: int
    number: int
    others: Sequence[str]
    joining: Sequence[str]
    hard_tested: Sequence[str]
    others_tested: Sequence[str]


def main() -> None:
    options = _options()
    collection = _drawn(options.drawn) if options.photos is None else _photographs(options)
    rows: list[Row] = []
    trainings: list[Row] = []
    for seed in range(options.seeds):
        folds = _folds(collection, options.folds, seed)
        before = _learned(options, collection, folds[0].others, (), "plain", seed, None)
        for fold in folds:
            for arm in ("before", *ARMS):
                weights = before
                if arm in ARMS:
                    names = (fold.others, fold.joining)
                    weights = _learned(options, collection, *names, arm, seed, before)
                found = _measured(collection, fold, arm, weights)
                rows += found
                trainings.append(_training(fold, arm, found))
                print(trainings[-1], flush=True)
            if options.json is not None:  # it takes long, and a stop must lose little
                save(trainings, _summary(options, rows), options.json)
    show("Hard groups, beside plain training", _arms(rows), _settings(options), None)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add_pair_options(parser, required=False)
    parser.add_argument("--hard", default="008", help="how the names of hard photographs start")
    parser.add_argument("--drawn", type=int, default=160, help="specimens to draw without --photos")
    parser.add_argument("--preset", choices=PRESETS, default="tiny")
    parser.add_argument("--side", type=int, help="instead of the preset's")
    parser.add_argument("--before", type=int, default=600, help="steps without hard specimens")
    parser.add_argument("--steps", type=int, default=120, help="steps of each arm")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--seeds", type=int, default=3)
    add_json_option(parser)
    options = parser.parse_args()
    if (options.photos is None) != (options.masks is None):
        parser.error("--photos and --masks go together")
    return options


def _photographs(options: argparse.Namespace) -> Collection:
    names = pair_names(options.photos, options.masks)
    read = {crop.name: crop for crop in crops(read_pairs(options.photos, options.masks), "whole")}
    return Collection(read, frozenset(name for name in names if name.startswith(options.hard)))


def _drawn(count: int) -> Collection:
    specimens = [draw_specimen(seed) for seed in range(count)]
    return Collection(
        {each.name: Crop(each.name, each.pixels, each.mask) for each in specimens},
        frozenset(each.name for each in specimens if each.wing in PALE),
    )


def _folds(collection: Collection, count: int, seed: int) -> list[Fold]:
    rng = np.random.default_rng(seed)
    hard = rng.permutation(sorted(collection.hard)).tolist()
    others = rng.permutation(sorted(collection.crops.keys() - collection.hard)).tolist()
    tested = round(OTHERS_TESTED * len(others))
    folds = []
    for number, part in enumerate(np.array_split(np.array(hard), count)):
        left_out = part.tolist()
        joining = [name for name in hard if name not in left_out]
        folds.append(Fold(seed, number, others[tested:], joining, left_out, others[:tested]))
    return folds


def _learned(
    options: argparse.Namespace,
    collection: Collection,
    others: Sequence[str],
    joining: Sequence[str],
    arm: str,
    seed: int,
    start: bytes | None,
) -> bytes:
    """Weights after so many steps, whatever the arm; every tenth specimen only validates."""
    preset = PRESETS[options.preset]
    side = options.side or preset.side
    steps = options.before if start is None else options.steps
    validation = [*others[:: round(1 / VALIDATED)], *joining[:: round(1 / VALIDATED)]]
    training = [name for name in (*others, *joining) if name not in validation]
    groups = replace(
        Groups.none(len(training)),
        hard=np.array([name in collection.hard for name in training]),
    )
    with TemporaryDirectory() as folder:
        taught, validating = (
            squares(Path(folder, f"{number}.npy"), len(names), collection.some(names), side)
            for number, names in enumerate((training, validation))
        )
        config = _config(replace(preset, side=side, seed=seed), arm, steps, groups)
        return train(config, taught, validating, groups=groups, start=start).weights


def _config(preset: TrainingConfig, arm: str, steps: int, groups: Groups) -> TrainingConfig:
    """So many steps in epochs of `EPOCH`, in which hard batches take the place of others."""
    contour, sampling = ARMS[arm]
    epochs = steps // EPOCH
    return replace(
        preset,
        loss=replace(preset.loss, contour=_band(preset.side) if contour else None),
        sampling=sampling,
        steps_per_epoch=_least_steps(groups, sampling, preset.batch),
        epochs=epochs,
        stop_patience=epochs,
    )


def _band(side: int) -> ContourWeighting:
    """The lab's contour weighting, its band as wide a part of the picture at any side."""
    lab, share = ContourWeighting(), side / LAB_SIDE
    return replace(lab, dilate=round(share * lab.dilate), erode=round(share * lab.erode))


def _least_steps(groups: Groups, sampling: Sampling, batch: int) -> int:
    """The most steps of an epoch that are `EPOCH` once the hard batches are among them."""
    for least in range(EPOCH, 1, -1):
        drawn = epoch_batches(
            groups, sampling, batch=batch, least_steps=least, generator=Generator()
        )
        if len(drawn) <= EPOCH:
            return least
    raise SystemExit(f"{len(groups.hard)} specimens do not fit into epochs of {EPOCH} steps")


def _measured(collection: Collection, fold: Fold, arm: str, weights: bytes) -> list[Row]:
    predictor = Predictor(weights)
    return [
        {
            "arm": arm,
            "group": group,
            "name": each.name,
            "dice": each.dice,
            "boundary_f": each.boundary_f,
        }
        for group, names in (("hard", fold.hard_tested), ("others", fold.others_tested))
        for each in measured(predictor, collection.some(names))
    ]


def _training(fold: Fold, arm: str, found: Sequence[Row]) -> Row:
    means = {
        f"{group}_{figure}": float(np.mean(list(_values(found, arm, group, figure).values())))
        for group in GROUPS
        for figure in FIGURES
    }
    return {"seed": fold.seed, "fold": fold.number, "arm": arm, **means}


def _values(rows: Sequence[Row], arm: str, group: str, figure: str) -> dict[str, float]:
    """One value per specimen, the mean over seeds and folds: seeds are no new specimens."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if (row["arm"], row["group"]) == (arm, group):
            found.setdefault(str(row["name"]), []).append(float(row[figure] or 0))
    return {name: float(np.mean(values)) for name, values in sorted(found.items())}


def _arms(rows: Sequence[Row]) -> list[Row]:
    """A row per arm, group and figure: the mean with its interval, and the difference to plain."""
    return [
        _arm(rows, arm, group, figure)
        for group in GROUPS
        for figure in FIGURES
        for arm in ("before", *ARMS)
        if _values(rows, arm, group, figure)
    ]


def _arm(rows: Sequence[Row], arm: str, group: str, figure: str) -> Row:
    values, plain = (_values(rows, name, group, figure) for name in (arm, "plain"))
    both = sorted(values.keys() & plain.keys())
    mean = bootstrap_mean(list(values.values()))
    against = paired([values[name] for name in both], [plain[name] for name in both])
    return {
        "group": group,
        "figure": figure,
        "arm": arm,
        "specimens": len(values),
        "mean": mean.mean,
        "low": mean.low,
        "high": mean.high,
        "more_than_plain": against.difference.mean,
        "more_low": against.difference.low,
        "more_high": against.difference.high,
        "p": against.p_value,
    }


def _summary(options: argparse.Namespace, rows: Sequence[Row]) -> dict[str, object]:
    return {**_settings(options), "arms": _arms(rows)}


def _settings(options: argparse.Namespace) -> dict[str, object]:
    names = ("preset", "side", "before", "steps", "folds", "seeds", "hard", "drawn")
    return {name: getattr(options, name) for name in names}


if __name__ == "__main__":
    main()
