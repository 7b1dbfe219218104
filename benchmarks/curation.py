"""The whole loop without a person: a simulated curator who knows the true masks.

Everything goes through the services that the pages use: import, crop, propose, review, round,
prediction. In each round the curator looks at every open specimen, accepts the candidate with the
highest Dice if that is at least `--accept`, draws (takes the true mask for) at most
`--draw-per-round` of the rest in the order of the queue, and skips the others; then a model is
trained. Held-out specimens are never labelled, only measured. Dice is in photograph coordinates.
At the end stands where the machine's time went, by kind of part.

    python -m benchmarks.curation                                     drawn specimens
    python -m benchmarks.curation --photos DIR --masks DIR --crop whole
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.report import Row, show
from benchmarks.simulation.collection import Collection, draw_collection, load_collection
from benchmarks.simulation.curator import Effort, SimulatedCurator
from benchmarks.simulation.measuring import HeldOut, measure
from benchmarks.simulation.options import parse_loop
from benchmarks.simulation.program import Program

SECONDS_PER_DECISION = 2
SECONDS_PER_DRAWING = 60


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="mothmask-loop-") as folder:
        collection = _collection(options, Path(folder) / "drawn")
        rows, last = [], []
        seconds: dict[str, float] = defaultdict(float)
        for fold, held_out in enumerate(_folds(collection, options)):
            program = Program(Path(folder) / f"fold-{fold}", collection, options.crop)
            fold_rows, measured = _run(program, collection, held_out, options, fold)
            rows += fold_rows
            last.append((fold_rows[-1], measured))
            for kind, spent in program.seconds.items():
                seconds[kind] += round(spent, 1)
    summary = {**_summary(last), "seconds_by_part": dict(seconds)}
    show("Curation: the loop with a simulated curator", rows, summary, options.json)


def _run(
    program: Program,
    collection: Collection,
    held_out: frozenset[str],
    options: argparse.Namespace,
    fold: int,
) -> tuple[list[Row], HeldOut]:
    started = time.perf_counter()
    program.import_all()
    curator = SimulatedCurator(program, collection, held_out)
    rows: list[Row] = []
    for number in range(1, options.rounds + 1):
        curator.review(accept=options.accept, draw_at_most=options.draw_per_round)
        program.run_round(options.preset)
        measured = measure(program, collection, held_out)
        seconds = time.perf_counter() - started
        rows.append(_row(fold, number, curator.effort, measured, seconds))
        print(_told(options.preset, rows[-1]), flush=True)
    return rows, measured


def _told(preset: str, row: Row) -> str:
    values = (f"{name} {value:.3f}" for name, value in row.items() if isinstance(value, float))
    counts = (f"{name} {value}" for name, value in row.items() if isinstance(value, int))
    return f"{preset}: {', '.join((*counts, *values))}"


def _row(fold: int, number: int, effort: Effort, measured: HeldOut, machine_seconds: float) -> Row:
    human = SECONDS_PER_DECISION * effort.decisions + SECONDS_PER_DRAWING * effort.drawn
    return {
        "fold": fold,
        "round": number,
        "accepted": effort.accepted,
        "drawn": effort.drawn,
        "open": effort.still_open,
        "model_mean": float(np.mean(measured.model)),
        "model_median": float(np.median(measured.model)),
        "model_95": float(np.mean(measured.model >= 0.95)),
        "first_mean": float(np.mean(measured.first)),
        "first_median": float(np.median(measured.first)),
        "first_95": float(np.mean(measured.first >= 0.95)),
        "machine_s": machine_seconds,
        "human_s": human,
    }


def _summary(last: list[tuple[Row, HeldOut]]) -> dict[str, object]:
    """Over all folds: every held-out specimen counts once, effort is added up."""
    rows = [row for row, _ in last]
    model = np.concatenate([measured.model for _, measured in last])
    first = np.concatenate([measured.first for _, measured in last])
    return {
        "heldout_mean_dice": float(model.mean()),
        "heldout_median_dice": float(np.median(model)),
        "first_mean_dice": float(first.mean()),
        "accepted": _total(rows, "accepted"),
        "drawn": _total(rows, "drawn"),
        "machine_seconds": _total(rows, "machine_s"),
        "human_seconds": _total(rows, "human_s"),
    }


def _total(rows: list[Row], column: str) -> float:
    return sum(float(row[column] or 0) for row in rows)


def _folds(collection: Collection, options: argparse.Namespace) -> Iterator[frozenset[str]]:
    """Held-out names: one random share, or with `--folds` K shares that cover everything."""
    names = np.random.default_rng(options.seed).permutation(sorted(collection.names))
    if options.folds:
        for part in np.array_split(names, options.folds):
            yield frozenset(part.tolist())
    else:
        yield frozenset(names[: round(options.holdout * len(names))].tolist())


def _collection(options: argparse.Namespace, folder: Path) -> Collection:
    if options.photos is None:
        return draw_collection(folder, options.drawn)
    return load_collection(options.photos, options.masks, options.limit)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--folds", type=int, default=0)
    return parse_loop(parser, rounds=4, holdout=0.25)


if __name__ == "__main__":
    main()
