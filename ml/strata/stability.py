"""How far strata would be the same if they had been made from other specimens."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

from ml.progress import OnProgress, Progress, silent
from ml.strata.clustering import Strata, fit_count
from ml.strata.config import StrataConfig
from ml.strata.grid import Colours


@dataclass(frozen=True)
class Stability:
    """Agreement of strata with those made from random halves of the sample.

    Attributes:
        agreement: mean adjusted Rand index (Hubert and Arabie 1985): 0 chance, 1 the same strata.
        strata: for each stratum the mean Jaccard index 0…1 with the most similar one of each half
            (Hennig, "Cluster-wise assessment of cluster stability", 2007): above 0.75 it is stable,
            below 0.6 it should not be trusted, below 0.5 it dissolves.
    """

    agreement: float
    strata: tuple[float, ...]


def stability(
    colours: Colours, strata: Strata, config: StrataConfig, on_progress: OnProgress = silent
) -> Stability:
    """Make as many strata again from halves of the sample, and compare all specimens' strata.

    Args:
        colours: of the sample, shape (n, cells, 3), uint8.
        strata: what was made from the whole sample.
        config: how they were made, how many halves are drawn, and the seed.
        on_progress: told of each half.
    """
    rng = np.random.default_rng(config.seed)
    own = strata.assign(colours)
    agreements, overlaps = [], []
    for done in range(config.resamples):
        on_progress(Progress("stability", done, config.resamples))
        half = np.sort(rng.choice(len(colours), len(colours) // 2, replace=False))
        other = fit_count(colours[half], config, strata.count).assign(colours)
        agreements.append(adjusted_rand_score(own, other))
        overlaps.append(_overlap(own, other, strata.count))
    means = np.mean(overlaps, axis=0)
    return Stability(float(np.mean(agreements)), tuple(float(each) for each in means))


def _overlap(own: NDArray[np.int64], other: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return for each own stratum the greatest Jaccard index with one of the others."""
    both = contingency_matrix(own, other)
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    found = np.zeros(count)
    present = np.unique(own)
    found[present[present > 0] - 1] = (both / union).max(axis=1)[present > 0]
    return found
