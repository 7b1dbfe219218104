"""How far figures measured on some specimens can be trusted. Without torch."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
FLIPS = 9999
MANY = 1000
"""Beyond so many values a mean is normally distributed, and chance is calculated, not tried out."""

_Z_95 = 1.959964
_ROWS_AT_ONCE = 1 << 21

Floats = Sequence[float] | NDArray[np.floating]


@dataclass(frozen=True)
class Interval:
    """A mean, and the bounds that it keeps within in 95 of 100 resamples."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True)
class Paired:
    """First minus second on the same specimens.

    Args:
        difference: mean of the differences with its interval.
        p_value: chance of a mean difference at least as large if the two were alike.
    """

    difference: Interval
    p_value: float


def bootstrap_mean(values: Floats, seed: int = 0) -> Interval:
    """Return the mean with its 95 % percentile bootstrap interval.

    Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 1979; 2,000
    resamples. Of more than 1,000 values it is the mean ± 1.96 standard errors, where resampling
    would lead. One value alone is its own interval.

    Args:
        values: shape (n,), n ≥ 1.
        seed: of the resamples.

    Raises:
        ValueError: there are no values.
    """
    numbers = np.asarray(values, np.float64)
    if not numbers.size:
        raise ValueError("no values have no mean")
    mean = float(numbers.mean())
    if numbers.size > MANY:
        half = _Z_95 * float(numbers.std()) / math.sqrt(numbers.size)
        return Interval(mean - half, mean, mean + half)
    rng = np.random.default_rng(seed)
    means = np.concatenate(
        [
            numbers[rng.integers(numbers.size, size=(rows, numbers.size))].mean(axis=1)
            for rows in _rows(RESAMPLES, numbers.size)
        ]
    )
    low, high = np.percentile(means, (2.5, 97.5))
    return Interval(float(low), mean, float(high))


def paired(first: Floats, second: Floats, seed: int = 0) -> Paired:
    """Return how much higher the first are, and how easily that is chance.

    The test is the two-sided permutation test of paired differences (Fisher, "The design of
    experiments", 1935) with 9,999 random changes of sign, or with their normal distribution for
    more than 1,000 pairs. Unlike Wilcoxon's, which ranks the differences, it asks of the mean,
    which is what the interval shows; and it takes the many equal pairs of good models as they are.

    Args:
        first: shape (n,), n ≥ 1.
        second: the same specimens in the same order.
        seed: of the resamples and of the signs.

    Raises:
        ValueError: there are no values, or not as many of both.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} values are no pairs")
    differences = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    chance = _by_normal if differences.size > MANY else _by_flips
    return Paired(bootstrap_mean(differences, seed), chance(differences, seed))


def _by_flips(differences: NDArray[np.float64], seed: int) -> float:
    rng = np.random.default_rng(seed)
    # As large but for the last bits, which depend on the order of adding.
    at_least = abs(differences.sum()) * (1 - 1e-12)
    extreme = 0
    for rows in _rows(FLIPS, differences.size):
        signs = rng.integers(2, size=(rows, differences.size), dtype=np.int8) * 2 - 1
        extreme += int(np.count_nonzero(np.abs(signs @ differences) >= at_least))
    return (extreme + 1) / (FLIPS + 1)


def _by_normal(differences: NDArray[np.float64], _seed: int) -> float:
    """With its signs drawn at random, a sum of differences has the variance Σd²."""
    spread = math.sqrt(float(differences @ differences))
    return math.erfc(abs(float(differences.sum())) / spread / math.sqrt(2)) if spread else 1.0


def _rows(count: int, width: int) -> Iterator[int]:
    """Split ``count`` rows so that each lot of them takes little memory, however wide they are."""
    lot = max(1, _ROWS_AT_ONCE // width)
    for first in range(0, count, lot):
        yield min(lot, count - first)


def wilson(successes: int, trials: int) -> Interval:
    """Return a share with its 95 % score interval, which stays within 0…1 also for few trials.

    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927. The
    mean is the share itself; the bounds lie around it, but not evenly.

    Args:
        successes: 0…trials.
        trials: ≥ 1.

    Raises:
        ValueError: there are no trials, or more successes than trials.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    share, z2 = successes / trials, _Z_95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z_95 * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    half /= 1 + z2 / trials
    return Interval(max(0.0, centre - half), share, min(1.0, centre + half))
