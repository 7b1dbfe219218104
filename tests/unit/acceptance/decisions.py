"""Decisions that follow a known rule, drawn from a seed."""

from collections.abc import Callable

import numpy as np

from ml.acceptance.learned import MODEL, Decided, Facts

Liking = Callable[[Facts], float]
"""Log odds of acceptance."""


def decisions(liking: Liking, specimens: int, *, seed: int = 0, first: int = 0) -> list[Decided]:
    """Each specimen has a mask of each of two methods and of a model, with scores at random."""
    generator = np.random.default_rng(seed)
    rows = []
    for specimen in range(first, first + specimens):
        for origin in ("grabcut", "border", MODEL):
            facts = Facts(origin, generator.uniform(0.6, 0.99))
            accepted = generator.random() < 1 / (1 + np.exp(-liking(facts)))
            rows.append(Decided(specimen, facts, bool(accepted)))
    return rows
