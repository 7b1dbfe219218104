"""What stands out: unlike the border, unlike its surroundings, and all of one piece."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, diags_array
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import spsolve

from ml.imaging.arrays import Pixels
from ml.propose.superpixels import (
    Field,
    Regions,
    edge_strength,
    lab_colours,
    watershed_regions,
)

Values = NDArray[np.float64]

_REGIONS = 400
# The paper's: in ΔE, in shares of the picture's long side, and of boundary connectivity.
_COLOUR, _PLACE, _CONNECTED = 10.0, 0.25, 1.0
_SMOOTHNESS_FLOOR = 0.1


@dataclass(frozen=True)
class _Graph:
    """Superpixels: mean colour, mean place (0…1), share of the border, neighbours."""

    colours: Values
    places: Values
    at_border: NDArray[np.bool_]
    first: NDArray[np.int64]
    second: NDArray[np.int64]


def saliency(pixels: Pixels) -> Field:
    """Return how much each pixel stands out from the ground, by robust background detection.

    Zhu, Liang, Wei and Sun, "Saliency optimization from robust background detection", CVPR 2014: a
    superpixel is ground as far as the region of its colour runs along the border rather than lies
    inside; what differs in colour from ground nearby is salient; neighbours of one colour agree.

    Args:
        pixels: shape (height, width, 3), uint8 RGB, about 320 pixels on the long side.

    Returns:
        Shape (height, width), float32, 0…1.
    """
    regions = watershed_regions(edge_strength(pixels), _REGIONS)
    graph = _graph(regions, lab_colours(pixels))
    if len(graph.colours) < 3:
        return np.zeros(regions.shape, np.float32)
    between = np.linalg.norm(graph.colours[:, None] - graph.colours[None], axis=2)
    ground = _ground(graph, between)
    salient = _settled(graph, between, ground, _contrast(graph, between, ground))
    return np.asarray(salient[regions], np.float32)


def _graph(regions: Regions, lab: Field) -> _Graph:
    count = int(regions.max()) + 1
    sizes = np.maximum(np.bincount(regions.ravel(), minlength=count), 1)[:, None]
    y, x = np.indices(regions.shape) / max(regions.shape)
    channels = (*np.moveaxis(lab, 2, 0), y, x)
    means = [np.bincount(regions.ravel(), each.ravel(), minlength=count) for each in channels]
    features = np.stack(means, axis=1) / sizes
    edge = np.concatenate((regions[0], regions[-1], regions[:, 0], regions[:, -1]))
    at_border = np.isin(np.arange(count), edge)
    across = np.stack((regions[:, :-1].ravel(), regions[:, 1:].ravel()))
    down = np.stack((regions[:-1].ravel(), regions[1:].ravel()))
    pairs = np.sort(np.concatenate((across, down), axis=1), axis=0)
    pairs = np.unique(pairs[:, pairs[0] != pairs[1]], axis=1).astype(np.int64)
    return _Graph(features[:, :3], features[:, 3:], at_border, pairs[0], pairs[1])


def _ground(graph: _Graph, between: Values) -> Values:
    """How surely each superpixel is ground, 0…1, by its boundary connectivity."""
    count = len(between)
    border = np.flatnonzero(graph.at_border)
    # All of the border counts as one, so that ground cut in two by the specimen stays together.
    first = np.concatenate((graph.first, np.repeat(border, len(border))))
    second = np.concatenate((graph.second, np.tile(border, len(border))))
    first, second = first[first != second], second[first != second]
    steps = between[first, second]
    # Small steps are noise: what each superpixel's nearest neighbour lies away, on average.
    nearest = np.full(count, np.inf)
    np.minimum.at(nearest, first, steps)
    np.minimum.at(nearest, second, steps)
    noise = float(nearest[np.isfinite(nearest)].mean())
    lengths = np.maximum(steps - noise, 0) + 1e-6
    keys = np.unique(np.stack((first, second)), axis=1, return_index=True)[1]
    roads = coo_array((lengths[keys], (first[keys], second[keys])), (count, count))
    apart = dijkstra(roads.tocsr(), directed=False)
    alike = np.exp(-(apart**2) / (2 * _COLOUR**2))
    connectivity = (alike * graph.at_border).sum(axis=1) / np.sqrt(alike.sum(axis=1))
    return np.asarray(1 - np.exp(-(connectivity**2) / (2 * _CONNECTED**2)))


def _contrast(graph: _Graph, between: Values, ground: Values) -> Values:
    distance = np.linalg.norm(graph.places[:, None] - graph.places[None], axis=2)
    nearby = np.exp(-(distance**2) / (2 * _PLACE**2))
    contrast = (between * nearby * ground).sum(axis=1)
    spread = float(contrast.max() - contrast.min())
    return np.asarray((contrast - contrast.min()) / spread) if spread else np.zeros(len(ground))


def _settled(graph: _Graph, between: Values, ground: Values, contrast: Values) -> Values:
    """Least squares: ground towards 0, contrast towards 1, neighbours of one colour alike."""
    count = len(ground)
    steps = between[graph.first, graph.second]
    alike = np.exp(-(steps**2) / (2 * _COLOUR**2)) + _SMOOTHNESS_FLOOR
    one_way = coo_array((alike, (graph.first, graph.second)), (count, count)).tocsr()
    weights = one_way + one_way.T
    laplacian = diags_array(np.asarray(weights.sum(axis=1)).ravel()) - weights
    system = laplacian + diags_array(ground + contrast + 1e-3)
    salient = np.asarray(spsolve(system.tocsc(), contrast))
    return np.clip(salient / max(float(salient.max()), 1e-6), 0, 1)
