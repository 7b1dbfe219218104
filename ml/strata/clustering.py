"""Strata: clusters of specimens by the colours of their wings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save
from sklearn.cluster import AgglomerativeClustering, Birch
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from ml.errors import BadInput
from ml.strata.config import LEAST_PER_STRATUM, StrataConfig
from ml.strata.grid import MISSING, Colours, brightness
from ml.strata.space import Space, fit_space

_JUDGED = 2_000
"""Specimens that the silhouette is taken of: its time grows with their square."""
_WIDER = 1.5


@dataclass(frozen=True)
class Trial:
    """How well so many strata are told apart.

    Attributes:
        count: strata.
        silhouette: −1…1, higher is better.
        calinski_harabasz: from 0, higher is better.
        davies_bouldin: from 0, lower is better.
        overall: 0…1, the mean of the three after each was spread over 0…1 among all trials.
    """

    count: int
    silhouette: float
    calinski_harabasz: float
    davies_bouldin: float
    overall: float = 0.0


@dataclass(frozen=True)
class Strata:
    """What tells a specimen's stratum from the colours of its wings.

    Attributes:
        space: where specimens lie.
        places: (groups, dimensions) float32, centres of Birch's small groups.
        numbers: (groups,) int64, the stratum of each, from 1.
    """

    space: Space
    places: NDArray[np.float32]
    numbers: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many strata there are; their numbers go from 1 to this."""
        return int(self.numbers.max())

    def assign(self, colours: Colours) -> NDArray[np.int64]:
        """Return the (n,) int64 numbers of the strata to which colours (n, cells, 3) are nearest.

        A specimen of which no cell is known has stratum 0, which is none.
        """
        numbers = self.numbers[_nearest(self.space.project(colours), self.places)]
        known = (colours[:, self.space.cells, 2] != MISSING).any(axis=1)
        return np.where(known, numbers, 0)

    def to_bytes(self) -> bytes:
        """Return the strata as safetensors."""
        arrays = {**vars(self.space), "places": self.places, "numbers": self.numbers}
        # safetensors writes the memory as it lies, whatever the strides say
        return bytes(save({name: np.ascontiguousarray(each) for name, each in arrays.items()}))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Strata":
        """Return the strata that ``to_bytes`` wrote."""
        arrays = load(data)
        places, numbers = arrays.pop("places"), arrays.pop("numbers")
        return cls(Space(**arrays), places, numbers)


def fit_strata(colours: Colours, config: StrataConfig) -> tuple[Strata, list[Trial]]:
    """Make strata of a sample of specimens, as many as are told apart best.

    The half of the cells whose saturation varies most, standardised, reduced by PCA, and clustered
    by Birch (Zhang, Ramakrishnan and Livny, SIGMOD 1996). Their number maximises the mean of the
    silhouette (Rousseeuw 1987), the Calinski–Harabasz (1974) and the negated Davies–Bouldin (1979)
    score, each spread over 0…1. Strata are numbered from the darkest to the palest.

    Args:
        colours: shape (n, cells, 3), uint8, as ``wing_colours`` gives them.
        config: see there.

    Returns:
        The strata, and how well each number of strata did.

    Raises:
        BadInput: there are too few specimens to tell strata apart, or they look all alike.
    """
    if len(colours) < config.least_specimens:
        raise BadInput(
            "Strata need at least {least} specimens with a crop, and there are {found}.",
            least=config.least_specimens,
            found=len(colours),
        )
    space = fit_space(colours, config)
    points = space.project(colours)
    places = _small_groups(points, config)
    own = _nearest(points, places)
    able = min(len(colours) // LEAST_PER_STRATUM, len(places))
    most = max(config.fewest, min(config.most, able))
    joined = {count: _joined(places, count) for count in range(config.fewest, most + 1)}
    trials = _overall([_trial(points, joined[count][own], count) for count in joined])
    best = max(trials, key=lambda trial: trial.overall)
    return _from_dark_to_pale(Strata(space, places, joined[best.count]), colours), trials


def fit_count(colours: Colours, config: StrataConfig, count: int) -> Strata:
    """Make so many strata, in any order; see ``fit_strata``."""
    space = fit_space(colours, config)
    places = _small_groups(space.project(colours), config)
    return Strata(space, places, _joined(places, count))


def _small_groups(points: NDArray[np.float32], config: StrataConfig) -> NDArray[np.float32]:
    """Return the (groups, dimensions) float32 centres of Birch's leaves."""
    threshold = config.threshold
    while True:
        birch = Birch(threshold=threshold, n_clusters=None).fit(points)
        if len(birch.subcluster_centers_) <= config.groups:
            return np.asarray(birch.subcluster_centers_, np.float32)
        threshold *= _WIDER


def _joined(places: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Return the number, 1…count, of each small group: Birch's last step, by Ward's method."""
    if len(places) < count:
        raise BadInput("The wings look too much alike to make {count} strata.", count=count)
    return np.asarray(AgglomerativeClustering(count).fit_predict(places) + 1, np.int64)


def _nearest(points: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.int64]:
    # |point − place|² without the part that is the same for all places
    apart = (places**2).sum(axis=1) - 2 * points @ places.T
    return np.asarray(apart.argmin(axis=1), np.int64)


def _trial(points: NDArray[np.float32], numbers: NDArray[np.int64], count: int) -> Trial:
    judged = min(_JUDGED, len(points))
    return Trial(
        count=count,
        silhouette=float(silhouette_score(points, numbers, sample_size=judged, random_state=0)),
        calinski_harabasz=float(calinski_harabasz_score(points, numbers)),
        davies_bouldin=float(davies_bouldin_score(points, numbers)),
    )


def _overall(trials: Sequence[Trial]) -> list[Trial]:
    scores = np.array(
        [[each.silhouette, each.calinski_harabasz, -each.davies_bouldin] for each in trials]
    )
    low, high = scores.min(axis=0), scores.max(axis=0)
    means = ((scores - low) / np.where(high > low, high - low, 1)).mean(axis=1)
    return [replace(trial, overall=float(mean)) for trial, mean in zip(trials, means, strict=True)]


def _from_dark_to_pale(strata: Strata, colours: Colours) -> Strata:
    numbers, light = strata.assign(colours), brightness(colours)
    means = [np.nanmean(light[numbers == number]) for number in range(1, strata.count + 1)]
    rank = np.argsort(np.argsort(means)) + 1
    return replace(strata, numbers=rank[strata.numbers - 1])
