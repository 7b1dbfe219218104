"""How many labels the queue spares: those needed for a held-out mean Dice, against random order.

Everything goes through the services that the pages use: import, strata, review, round, prediction,
and the queue's own order. In each round a simulated curator labels the next specimens, in the
queue's order or in a random one: a candidate that is good enough is accepted, otherwise the mask
is drawn. A quarter is held out as benchmark. Rounds are short, so that an arm takes minutes; each
goes on from the model before it. Both arms of a seed have the same held-out specimens.

An arm is one line of the results; what is there is not run again.

    python -m benchmarks.queue --photos DIR --masks DIR --proposals FILE --results FILE
    … --arm queue --seed 1        one arm alone
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.jobs import PartKind
from app.domain.specimens import Specimen
from app.services import benchmark, queue_order, strata
from app.services.jobs import ClaimedPart
from app.services.review_items import ReviewMatter
from benchmarks.pairs import add_pair_options
from benchmarks.report import Row, add_json_option, show
from benchmarks.simulation import cached
from benchmarks.simulation.cached import CachedProposals
from benchmarks.simulation.collection import Collection, load_collection
from benchmarks.simulation.curator import SimulatedCurator
from benchmarks.simulation.measuring import measure
from benchmarks.simulation.program import Program
from ml.config import TrainingConfig
from ml.presets import PRESETS
from ml.progress import OnProgress
from worker.context import Context
from worker.runner import Handler

ARMS = ("random", "queue")
PRESET = "short"
Arm = dict[str, Any]


def main() -> None:
    options = _options()
    collection = load_collection(options.photos, options.masks, options.limit)
    cached.make(options.proposals, collection)
    for seed in options.seeds:
        for arm in options.arms:
            if not any(_same(options, known, arm, seed) for known in _known(options)):
                _keep(options.results, _run(options, collection, arm, seed))
    _show(options)


def _run(options: argparse.Namespace, collection: Collection, arm: str, seed: int) -> Arm:
    began = time.perf_counter()
    names = np.random.default_rng(seed).permutation(collection.names).tolist()
    held_out = frozenset(names[: round(options.holdout * len(names))])
    rounds: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="mothmask-queue-") as folder:
        program = _begun(options, Path(folder), collection, held_out)
        curator = SimulatedCurator(program, collection, held_out)
        while not _is_over(options, rounds, began):
            matters = _ordered(program, curator, arm, names)
            batch, epochs = _next_round(options, rounds)
            for matter in matters[:batch]:
                curator.label(matter, accept=options.accept)
            PRESETS[PRESET] = _short(options, epochs)
            program.run_round(PRESET)
            found = measure(program, collection, held_out)
            effort = curator.effort
            rounds.append(
                {
                    "arm": arm,
                    "seed": seed,
                    "labels": effort.accepted + effort.drawn,
                    "drawn": effort.drawn,
                    "mean_dice": float(found.model.mean()),
                    "median_dice": float(np.median(found.model)),
                    "seconds": round(time.perf_counter() - began, 1),
                }
            )
            print(rounds[-1], flush=True)
        spent = {kind: round(seconds, 1) for kind, seconds in program.seconds.items()}
        print(spent, flush=True)
    arm_of = {"arm": arm, "seed": seed, "rounds": rounds, "seconds_by_part": spent}
    return {**_circumstances(options), **arm_of}


def _next_round(options: argparse.Namespace, rounds: Sequence[Row]) -> tuple[int, int]:
    """How many labels it gets and how many epochs."""
    if not rounds:
        return options.first_batch, options.first_epochs
    return options.batch, options.epochs


def _short(options: argparse.Namespace, epochs: int) -> TrainingConfig:
    """The usual training, but brief: its running average has to follow within fewer steps."""
    return replace(
        PRESETS["tiny"],
        side=options.side,
        epochs=epochs,
        stop_patience=epochs,
        average=0.95,
        sheet_every=0,
    )


def _begun(
    options: argparse.Namespace, data: Path, collection: Collection, held_out: frozenset[str]
) -> Program:
    """Everything imported and proposed, in strata, and what is held out in the benchmark."""
    handlers: dict[PartKind, Handler] = {
        PartKind.PROPOSE: CachedProposals(options.proposals),
        PartKind.MAPS: _nothing,
        PartKind.REFINE: _nothing,
    }
    program = Program(data, collection, "whole", handlers)
    program.import_all()
    with program.context.db.transaction() as session:
        strata.make_anew(session, program.person.id)
    program.drain()
    with program.context.db.transaction() as session:
        chosen = session.query(Specimen.id).where(Specimen.key.in_(held_out))
        ids = [number for (number,) in chosen]
        benchmark.settle(session, program.person.id, ids, joined=True)
    return program


def _nothing(_context: Context, _part: ClaimedPart, _on_progress: OnProgress) -> None:
    pass


def _ordered(
    program: Program, curator: SimulatedCurator, arm: str, names: Sequence[str]
) -> list[ReviewMatter]:
    with program.context.db.transaction() as session:
        queue_order.start(session)
    program.drain()
    matters = curator.open_specimens()
    if arm == "random":
        matters.sort(key=lambda matter: names.index(matter.specimen.key))
    return matters


def _is_over(options: argparse.Namespace, rounds: Sequence[Row], began: float) -> bool:
    if not rounds:
        return False
    reached = float(rounds[-1]["mean_dice"] or 0) >= options.target
    most = float(rounds[-1]["labels"] or 0) >= options.most
    late = time.perf_counter() - began > 60 * options.minutes
    return bool(reached or most or late)


def labels_needed(rounds: Sequence[Row], target: float) -> float | None:
    """Where the line through the rounds first reaches the target; nothing if it never does."""
    before = (0.0, 0.0)
    for row in rounds:
        labels, dice = float(row["labels"] or 0), float(row["mean_dice"] or 0)
        if dice >= target:
            share = (target - before[1]) / (dice - before[1])
            return before[0] + share * (labels - before[0])
        before = labels, dice
    return None


def _circumstances(options: argparse.Namespace) -> Arm:
    wanted = ("side", "first_batch", "first_epochs", "batch", "epochs", "accept", "holdout")
    return {name: getattr(options, name) for name in wanted}


def _same(options: argparse.Namespace, known: Arm, arm: str, seed: int) -> bool:
    wanted = {**_circumstances(options), "arm": arm, "seed": seed}
    return all(known[name] == value for name, value in wanted.items())


def _known(options: argparse.Namespace) -> list[Arm]:
    if not options.results.exists():
        return []
    return [json.loads(line) for line in options.results.read_text(encoding="utf-8").splitlines()]


def _keep(path: Path, arm: Arm) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(arm) + "\n")


def _show(options: argparse.Namespace) -> None:
    known = _known(options)
    rows: list[Row] = []
    ratios = []
    for seed in range(1000):
        arms = {
            arm: found[-1]
            for arm in ARMS
            if (found := [each for each in known if _same(options, each, arm, seed)])
        }
        needed = {arm: labels_needed(each["rounds"], options.target) for arm, each in arms.items()}
        ratio = None
        if needed.get("queue") is not None and needed.get("random"):
            ratio = float(needed["queue"] or 0) / float(needed["random"] or 1)
            ratios.append(ratio)
        if arms:
            rows.append({"seed": seed, **{arm: needed.get(arm) for arm in ARMS}, "ratio": ratio})
    summary = {
        "target": options.target,
        "seeds": len(ratios),
        "ratio_mean": float(np.mean(ratios)) if ratios else None,
        "ratio_least": min(ratios, default=None),
        "ratio_most": max(ratios, default=None),
        "minutes_of_the_longest_arm": max(
            (each["rounds"][-1]["seconds"] / 60 for each in known), default=None
        ),
    }
    show("Queue: labels needed, in its order and in a random one", rows, summary, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add_pair_options(parser)
    parser.add_argument("--proposals", type=Path, required=True, help="made if it is not there")
    parser.add_argument("--results", type=Path, required=True, help="JSON lines, one per arm")
    parser.add_argument("--arm", dest="arms", action="append", choices=ARMS)
    parser.add_argument("--seed", dest="seeds", action="append", type=int)
    parser.add_argument("--target", type=float, default=0.92, help="held-out mean Dice")
    parser.add_argument("--minutes", type=float, default=10, help="after which an arm ends")
    parser.add_argument("--most", type=int, default=300, help="labels after which an arm ends")
    parser.add_argument("--first-batch", type=int, default=16, help="labels of the first round")
    parser.add_argument("--first-epochs", type=int, default=14, help="of 25 steps")
    parser.add_argument("--batch", type=int, default=12, help="labels of each other round")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--accept", type=float, default=0.95)
    parser.add_argument("--holdout", type=float, default=0.25)
    parser.add_argument("--side", type=int, default=128, help="of the squares trained on")
    parser.add_argument("--limit", type=int, help="use only so many photographs")
    add_json_option(parser)
    options = parser.parse_args()
    options.arms = options.arms or list(ARMS)
    options.seeds = options.seeds if options.seeds is not None else [0, 1, 2]
    return options


if __name__ == "__main__":
    main()
