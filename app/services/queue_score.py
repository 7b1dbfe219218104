"""The one formula by which the queue is ordered.

A specimen's score is the weighted mean of how uncertain its edge is, how far its stratum is short
of labels, how far the newest model differs from the best other candidate, and its lot. The lot is
what keeps the training set like the collection: a network learned less from the hardest alone, and
less from the easiest alone, than from a random draw (Kirsch et al., "Stochastic batch acquisition",
TMLR 2023, found the same of classifiers). A member of the benchmark without a label comes before
all others.

Beside this order random checks are shown, whatever their score: those with the least lots.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.queue import Why

HORIZON = 100
"""So many further labels are spread over the strata by their sizes."""


@dataclass(frozen=True)
class Weights:
    """What counts how much, from 0; `check_share` is the share of random checks, 0…1."""

    uncertainty: float = 0.2
    shortage: float = 1.0
    disagreement: float = 0.5
    lot: float = 1.0
    check_share: float = 0.05
    seed: int = 0
    """Of the lots."""

    @property
    def of_signals(self) -> tuple[float, ...]:
        return self.uncertainty, self.shortage, self.disagreement, self.lot


DEFAULT = Weights()


@dataclass(frozen=True)
class Signals:
    """What is known of a specimen that waits for review; all 0…1."""

    lot: float
    """See `lot`."""
    uncertainty: float | None = None
    """None: no model has predicted it."""
    disagreement: float | None = None
    shortage: float = 0.0
    in_benchmark: bool = False


def shares(signals: Signals, weights: Weights) -> dict[Why, float]:
    """What each reason adds to the score, the largest first."""
    whole = sum(weights.of_signals) or 1.0
    parts = {
        Why.BENCHMARK: 1.0 if signals.in_benchmark else 0.0,
        Why.UNCERTAIN: weights.uncertainty * value(Why.UNCERTAIN, signals) / whole,
        Why.DISAGREEMENT: weights.disagreement * value(Why.DISAGREEMENT, signals) / whole,
        Why.SHORTAGE: weights.shortage * signals.shortage / whole,
        Why.LOT: weights.lot * signals.lot / whole,
    }
    return dict(sorted(parts.items(), key=lambda part: -part[1]))


def score(signals: Signals, weights: Weights) -> float:
    """0…1, for members of the benchmark 1…2; higher is reviewed earlier."""
    return sum(shares(signals, weights).values())


def value(why: Why, signals: Signals) -> float:
    """What stands behind a reason, before it was weighted."""
    values = {
        Why.UNCERTAIN: signals.uncertainty or 0.0,
        Why.DISAGREEMENT: signals.disagreement or 0.0,
        Why.SHORTAGE: signals.shortage,
        Why.LOT: signals.lot,
        Why.BENCHMARK: 1.0,
    }
    return values[why]


def quotas(sizes: Mapping[int, int], labels: int) -> dict[int, float]:
    """How many labels each stratum of these sizes should have once there are `HORIZON` more."""
    whole = sum(sizes.values())
    return {stratum: (labels + HORIZON) * size / whole for stratum, size in sizes.items()}


def shortage(labels: int, before: int, quota: float) -> float:
    """How far a stratum is short of its quota for a specimen with so many before it there, 0…1."""
    return min(1.0, max(0.0, 1 - (labels + before) / quota)) if quota else 0.0


def lot(seed: int, specimen_id: int) -> float:
    """0…1, the same whenever it is drawn."""
    digest = hashlib.sha256(f"{seed}:{specimen_id}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def is_check(place: int, check_share: float) -> bool:
    """Whether the n-th that is shown, counted from 1 after a check, is a random check again."""
    return check_share > 0 and place >= round(1 / check_share)
