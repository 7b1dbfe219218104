"""How good the mask is that stands first: by own scores, and as learned from acceptances.

A simulated curator goes through the rounds as in `benchmarks.curation`. After each round the
candidates of the specimens that nobody labels are put in order by their own scores and by the
learned ones, and the first of each order is compared with the truth.

    python -m benchmarks.ranking                                     drawn specimens
    python -m benchmarks.ranking --photos DIR --masks DIR --crop whole --limit 80
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import select

from app.domain.labelling import Candidate
from app.domain.photographs import Source
from app.domain.specimens import Specimen
from app.services import calibrating, review_items
from app.services.calibrating import Standing
from app.services.review_items import ReviewMatter
from benchmarks.report import Row, show
from benchmarks.simulation.collection import Collection, draw_collection, load_collection
from benchmarks.simulation.curator import SimulatedCurator, candidate_dice
from benchmarks.simulation.options import parse_loop
from benchmarks.simulation.program import Program
from ml.metrics.intervals import paired

Score = Callable[[Candidate], float]


@dataclass(frozen=True)
class Firsts:
    """Dice per held-out specimen: of what stands first in each order, and of the best there is."""

    own: list[float]
    learned: list[float]
    newest_model: list[float]
    best: list[float]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="mothmask-ranking-") as folder:
        collection = _collection(options, Path(folder) / "drawn")
        names = np.random.default_rng(options.seed).permutation(collection.names).tolist()
        held_out = frozenset(names[: round(options.holdout * len(names))])
        program = Program(Path(folder) / "program", collection, options.crop)
        rows, firsts = _run(program, collection, held_out, options)
    show("The order of masks: own scores and learned ones", rows, _summary(firsts), options.json)


def _run(
    program: Program, collection: Collection, held_out: frozenset[str], options: argparse.Namespace
) -> tuple[list[Row], Firsts]:
    program.import_all()
    curator = SimulatedCurator(program, collection, held_out)
    rows: list[Row] = []
    for number in range(1, options.rounds + 1):
        curator.review(accept=options.accept, draw_at_most=options.draw_per_round)
        program.run_round(options.preset)
        firsts = _firsts(program, collection, held_out)
        rows.append(_row(number, firsts, _standing(program)))
        print(rows[-1], flush=True)
    return rows, firsts


def _firsts(program: Program, collection: Collection, held_out: frozenset[str]) -> Firsts:
    with program.context.db.reading() as session:
        specimens = session.scalars(select(Specimen).where(Specimen.key.in_(held_out))).all()
        matters = [matter for matter in review_items.load(session, specimens) if matter.candidates]
    found = [_of_specimen(program, collection, matter) for matter in matters]
    own, learned, newest_model, best = (list(column) for column in zip(*found, strict=True))
    return Firsts(own, learned, newest_model, best)


def _of_specimen(
    program: Program, collection: Collection, matter: ReviewMatter
) -> tuple[float, float, float, float]:
    truth = collection.truth(matter.specimen.key)
    dices = {
        candidate.id: candidate_dice(program, matter.crop, candidate.digest, truth)
        for candidate in matter.candidates
    }

    def first(score: Score) -> float:
        return dices[max(matter.candidates, key=score).id]

    return (
        first(lambda candidate: candidate.own_score),
        first(lambda candidate: candidate.score),
        first(lambda candidate: candidate.model_id or 0),
        max(dices.values()),
    )


def _standing(program: Program) -> Standing | None:
    with program.context.db.reading() as session:
        sources = session.scalars(select(Source)).all()
        return next(iter(calibrating.standings(session, sources).values()), None)


def _row(number: int, firsts: Firsts, standing: Standing | None) -> Row:
    quality = standing.calibration.quality if standing is not None else {}
    return {
        "round": number,
        "decided": standing.calibration.reviews if standing is not None else 0,
        "used": standing.used if standing is not None else False,
        "accepted_first_own": quality["own"]["first"] if quality else None,
        "accepted_first_learned": quality["learned"]["first"] if quality else None,
        "first_own": float(np.mean(firsts.own)),
        "first_learned": float(np.mean(firsts.learned)),
        "newest_model": float(np.mean(firsts.newest_model)),
        "best": float(np.mean(firsts.best)),
    }


def _summary(firsts: Firsts) -> dict[str, object]:
    compared = paired(np.array(firsts.learned), np.array(firsts.own), seed=0)
    return {
        "heldout": len(firsts.own),
        "first_own_mean_dice": float(np.mean(firsts.own)),
        "first_learned_mean_dice": float(np.mean(firsts.learned)),
        "difference_low": compared.difference.low,
        "difference_high": compared.difference.high,
        "p_value": compared.p_value,
    }


def _collection(options: argparse.Namespace, folder: Path) -> Collection:
    if options.photos is None:
        return draw_collection(folder, options.drawn)
    every = load_collection(options.photos, options.masks, None)
    # Names begin with the kind of butterfly, and a few kinds alone would be another task.
    names = np.random.default_rng(options.seed).permutation(every.names)[: options.limit].tolist()
    return Collection(
        {name: every.photographs[name] for name in names},
        {name: every.masks[name] for name in names},
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ranking", description=__doc__)
    return parse_loop(parser, rounds=3, holdout=0.33)


if __name__ == "__main__":
    main()
