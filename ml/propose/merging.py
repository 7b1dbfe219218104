"""Regions merged step by step, those first between which there is least to see."""

import heapq
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ml.propose.superpixels import Field, Regions

# So that also regions of one colour are told apart by their edge, and by their size.
_LEAST_DIFFERENCE = 0.1
_LEAST_EDGE = 0.01

Border = tuple[int, float]
"""Pixel pairs along which two regions meet, and the sum of the edge strength there."""


def merged(regions: Regions, lab: Field, edges: Field, counts: Sequence[int]) -> list[Regions]:
    """Return the regions merged until only so many are left, once for each count.

    Two neighbours cost the squared difference of their mean colours, as in Ward, "Hierarchical
    grouping to optimize an objective function", 1963, times the mean edge strength where they meet;
    the cheapest pair is merged first. So regions nest: the edges of fewer are edges of more.

    Args:
        regions: shape (height, width), int32, ids without gaps; each is connected, and so is each
            that comes of them.
        lab: shape (height, width, channels), float32: what is compared.
        edges: shape (height, width), float32: see ``superpixels.edge_strength``.
        counts: how many regions are wanted, in falling order; where there are fewer, they stay.

    Returns:
        One map per count, ids without gaps, numbered from the top left on.
    """
    graph = _Graph(regions, lab, edges)
    maps = []
    for count in counts:
        graph.merge_down_to(count)
        maps.append(_numbered(graph.roots()[regions]))
    return maps


class _Graph:
    """Which regions are left, how large they are, of which colour, and how they meet."""

    def __init__(self, regions: Regions, lab: Field, edges: Field) -> None:
        flat = regions.ravel()
        sizes = np.bincount(flat)
        sums = [np.bincount(flat, weights=channel.ravel()) for channel in np.moveaxis(lab, 2, 0)]
        self.sizes: list[int] = sizes.tolist()
        self.colours: list[tuple[float, ...]] = list(
            zip(*((total / sizes).tolist() for total in sums), strict=True)
        )
        self.parents = list(range(len(sizes)))
        self.left = len(sizes)
        self.borders: list[dict[int, Border]] = [{} for _ in sizes]
        self.heap: list[tuple[float, int, int, int, int]] = []
        for one, other, border in _borders(regions, edges):
            self.borders[one][other] = self.borders[other][one] = border
        for one, beside in enumerate(self.borders):
            self._offer(one, [other for other in beside if other > one])

    def merge_down_to(self, count: int) -> None:
        while self.left > count and self.heap:
            _, one, other, *sizes = heapq.heappop(self.heap)
            # What was merged since has another size, or none, and was offered anew.
            if [self.sizes[one], self.sizes[other]] == sizes:
                self._merge(one, other)

    def roots(self) -> NDArray[np.int32]:
        """For each region at the beginning, the one that it belongs to now."""
        roots = np.array(self.parents, np.int32)
        while (roots != roots[roots]).any():
            roots = roots[roots]
        return roots

    def _offer(self, one: int, others: Sequence[int]) -> None:
        sizes = self.sizes
        for other in others:
            offer = (self._cost(one, other), one, other, sizes[one], sizes[other])
            heapq.heappush(self.heap, offer)

    def _cost(self, one: int, other: int) -> float:
        length, strength = self.borders[one][other]
        pairs = zip(self.colours[one], self.colours[other], strict=True)
        difference = sum((a - b) ** 2 for a, b in pairs) + _LEAST_DIFFERENCE
        weight = self.sizes[one] * self.sizes[other] / (self.sizes[one] + self.sizes[other])
        return difference * weight * (strength / length + _LEAST_EDGE)

    def _merge(self, one: int, other: int) -> None:
        """Let the one with more neighbours take in the other."""
        if len(self.borders[one]) < len(self.borders[other]):
            one, other = other, one
        kept, taken = self.sizes[one], self.sizes[other]
        self.colours[one] = tuple(
            (a * kept + b * taken) / (kept + taken)
            for a, b in zip(self.colours[one], self.colours[other], strict=True)
        )
        self.sizes[one], self.sizes[other] = kept + taken, 0
        self.parents[other] = one
        self.left -= 1
        self._join_borders(one, other)
        self._offer(one, list(self.borders[one]))

    def _join_borders(self, one: int, other: int) -> None:
        for third, (length, strength) in self.borders[other].items():
            del self.borders[third][other]
            if third != one:
                known = self.borders[one].get(third, (0, 0.0))
                border = (known[0] + length, known[1] + strength)
                self.borders[one][third] = self.borders[third][one] = border
        self.borders[other] = {}


def _borders(regions: Regions, edges: Field) -> Iterator[tuple[int, int, Border]]:
    """Each pair of regions that meet, the lower id first."""
    here = np.concatenate((regions[:, 1:].ravel(), regions[1:].ravel()))
    there = np.concatenate((regions[:, :-1].ravel(), regions[:-1].ravel()))
    strength = np.concatenate(
        (
            np.maximum(edges[:, 1:], edges[:, :-1]).ravel(),
            np.maximum(edges[1:], edges[:-1]).ravel(),
        )
    )
    meet = here != there
    low, high = np.minimum(here, there)[meet], np.maximum(here, there)[meet]
    count = int(regions.max()) + 1
    pairs, place = np.unique(low.astype(np.int64) * count + high, return_inverse=True)
    lengths = np.bincount(place)
    sums = np.bincount(place, weights=strength[meet])
    for pair, length, total in zip(pairs.tolist(), lengths.tolist(), sums.tolist(), strict=True):
        yield pair // count, pair % count, (length, total)


def _numbered(labels: NDArray[np.int32]) -> Regions:
    _, first, places = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return np.asarray(rank[places].reshape(labels.shape), np.int32)
