"""How good masks are on specimens that nobody labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from app.domain.specimens import Specimen
from app.services import models, review_items
from app.services.predictions import origin_of
from benchmarks.simulation.collection import Collection
from benchmarks.simulation.curator import candidate_dice
from benchmarks.simulation.program import Program


@dataclass(frozen=True)
class HeldOut:
    """Dice per held-out specimen, of the serving model and of the first-ranked candidate."""

    model: NDArray[np.float64]
    first: NDArray[np.float64]


def measure(program: Program, collection: Collection, held_out: frozenset[str]) -> HeldOut:
    """Where there is no mask at all, for instance because no box was found, Dice is 0."""
    with program.context.db.reading() as session:
        serving = models.serving(session)
        specimens = session.scalars(select(Specimen).where(Specimen.key.in_(held_out))).all()
        matters = {matter.specimen.key: matter for matter in review_items.load(session, specimens)}
    served = origin_of(serving.id) if serving is not None else ""
    model, first = [], []
    for name in sorted(held_out):
        truth = collection.truth(name)
        matter = matters.get(name)
        masks = matter.candidates if matter is not None else []
        found = [
            candidate_dice(program, matter.crop, mask.digest, truth) if matter is not None else 0.0
            for mask in masks
        ]
        first.append(found[0] if found else 0.0)
        of_model = [
            value for value, mask in zip(found, masks, strict=True) if mask.origin == served
        ]
        model.append(of_model[0] if of_model else 0.0)
    return HeldOut(np.array(model), np.array(first))
