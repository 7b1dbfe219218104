"""From the colours of a grid to a few numbers: cells that tell most, standardised, and PCA."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from ml.errors import BadInput
from ml.strata.config import StrataConfig
from ml.strata.grid import MISSING, Colours, saturation

_LEAST_SPREAD = 1e-3


@dataclass(frozen=True)
class Space:
    """Where specimens lie whose wings have these colours.

    Attributes:
        cells: (k,) int64, the cells of the grid that count.
        mean: (3k,) float32, of each value over the specimens in which its cell is present.
        spread: (3k,) float32, the standard deviation likewise, more than 0.
        axes: (dimensions, 3k) float32, principal components; the first has a spread of 1.
    """

    cells: NDArray[np.int64]
    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    axes: NDArray[np.float32]

    def project(self, colours: Colours) -> NDArray[np.float32]:
        """Return the places, (n, dimensions) float32, of specimens with colours (n, cells, 3).

        A cell that is missing has the mean of those that have it.
        """
        standard = (_values(colours, self.cells) - self.mean) / self.spread
        return np.asarray(np.nan_to_num(standard) @ self.axes.T, np.float32)


def fit_space(colours: Colours, config: StrataConfig) -> Space:
    """Choose the cells and find the axes.

    Args:
        colours: shape (n, cells, 3), uint8, as ``wing_colours`` gives them.
        config: see there.

    Raises:
        BadInput: the specimens have no cell in common.
    """
    cells = _telling_cells(colours, config)
    values = _values(colours, cells)
    mean = np.nanmean(values, axis=0)
    spread = np.maximum(np.nanstd(values, axis=0), _LEAST_SPREAD)
    standard = np.nan_to_num((values - mean) / spread)
    dimensions = min(config.dimensions, *standard.shape)  # a few cells have fewer
    with np.errstate(invalid="ignore"):  # where nothing varies; the clustering refuses that
        pca = PCA(dimensions, svd_solver="covariance_eigh").fit(standard)
    # PCA also takes the mean of each value away; with gaps filled by the mean it is 0 already.
    return Space(cells, mean, spread, _scaled(pca, config))


def _scaled(pca: PCA, config: StrataConfig) -> NDArray[np.float32]:
    """Return the axes, evened out as far as the configuration says."""
    spreads = np.sqrt(np.maximum(pca.explained_variance_, _LEAST_SPREAD**2))
    lengths = spreads[0] * (spreads / spreads[0]) ** config.evened
    return np.asarray(pca.components_ / lengths[:, None], np.float32)


def _telling_cells(colours: Colours, config: StrataConfig) -> NDArray[np.int64]:
    """Return those that most specimens have, and of these the share that varies most."""
    strength = saturation(colours)
    there = np.flatnonzero((~np.isnan(strength)).mean(axis=0) >= config.present)
    if not there.size:
        raise BadInput("The masks are too different in shape to compare the colours of wings.")
    variation = np.nanstd(strength[:, there], axis=0)
    kept = max(1, round(config.kept * there.size))
    return np.sort(there[np.argsort(-variation, kind="stable")[:kept]])


def _values(colours: Colours, cells: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return (n, 3k) float32; what is missing is NaN."""
    chosen = colours[:, cells].astype(np.float32)
    chosen[chosen[..., 2] == MISSING] = np.nan
    return chosen.reshape(len(chosen), -1)
