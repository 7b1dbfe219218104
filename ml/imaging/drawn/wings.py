"""Outlines and veins of fore and hind wings, from a few numbers per family of moths."""

from dataclasses import dataclass

import numpy as np

from ml.imaging.drawn.curves import Points, combed, edge, outward, resampled, rounded

Range = tuple[float, float]

_POINTS = 900


@dataclass(frozen=True)
class Family:
    """What the moths of one family have in common; lengths in fore wings, angles in degrees."""

    code: str
    apex: Range
    tornus_x: Range
    tornus_y: Range
    termen: Range
    hind: Range
    hind_drop: Range
    body_width: Range
    body_length: Range
    scalloped: float
    tailed: float
    antenna: str


FAMILIES = (
    Family("LYM", (22, 34), (0.6, 0.7), (0.1, 0.16), (0.04, 0.1), (0.66, 0.76), (0.72, 0.84),
           (0.13, 0.17), (0.62, 0.75), 0.1, 0.0, "plume"),
    Family("GEO", (26, 40), (0.58, 0.7), (0.04, 0.1), (0.02, 0.1), (0.7, 0.82), (0.78, 0.95),
           (0.06, 0.09), (0.55, 0.66), 0.45, 0.12, "thread"),
    Family("NOC", (16, 27), (0.66, 0.74), (0.14, 0.22), (0.04, 0.1), (0.6, 0.68), (0.74, 0.86),
           (0.13, 0.17), (0.64, 0.76), 0.25, 0.0, "thread"),
    Family("SPH", (13, 24), (0.5, 0.6), (0.1, 0.16), (-0.06, 0.03), (0.5, 0.56), (0.75, 0.9),
           (0.15, 0.19), (0.78, 0.95), 0.15, 0.0, "thread"),
    Family("SAT", (30, 42), (0.6, 0.72), (0.08, 0.14), (-0.1, 0.02), (0.72, 0.82), (0.85, 1.0),
           (0.12, 0.15), (0.46, 0.56), 0.2, 0.4, "plume"),
    Family("ARC", (18, 28), (0.6, 0.7), (0.12, 0.2), (0.05, 0.12), (0.6, 0.68), (0.72, 0.84),
           (0.13, 0.17), (0.6, 0.7), 0.0, 0.0, "thread"),
    Family("PAP", (36, 46), (0.54, 0.64), (0.0, 0.05), (-0.05, 0.06), (0.62, 0.72), (0.9, 1.1),
           (0.06, 0.085), (0.56, 0.66), 0.8, 0.55, "club"),
)  # fmt: skip


@dataclass(frozen=True)
class Wing:
    """One wing of the right side, upright, in moth units.

    ``margin`` is the outer margin as drawn, ``even`` the same without scallops and tail, both
    from the apex to the inner corner; ``veins`` are open lines that end on the margin.
    """

    outline: Points
    margin: Points
    even: Points
    root: Points
    veins: tuple[Points, ...]
    cells: int


def fore_wing(family: Family, rng: np.random.Generator) -> Wing:
    """Return a fore wing."""
    tilt = np.radians(rng.uniform(*family.apex))
    base = 0.2 * family.body_width[0]
    root, heel = np.array([base, -0.05]), np.array([base, 0.07])
    apex = np.array([np.cos(tilt), -np.sin(tilt)])
    tornus = np.array([rng.uniform(*family.tornus_x), rng.uniform(*family.tornus_y)])
    termen = rng.uniform(*family.termen)
    edges = [
        edge(root, apex, rng.uniform(0.03, 0.08), rng.uniform(0.45, 0.7)),
        edge(apex, tornus, termen, rng.uniform(0.35, 0.65)),
        edge(tornus, heel, rng.uniform(-0.01, 0.05)),
        edge(heel, root, 0.0),
    ]
    scallop = 0.012 * rng.uniform(0.4, 1) if rng.random() < family.scalloped else 0.0
    return _wing(edges, rng.uniform(8, 15), root, scallop, None, rng)


def hind_wing(family: Family, rng: np.random.Generator) -> Wing:
    """Return a hind wing, with scallops or a tail where the family has them."""
    reach = rng.uniform(*family.hind)
    drop = reach * rng.uniform(*family.hind_drop)
    base = 0.2 * family.body_width[0]
    root, heel = np.array([base, -0.02]), np.array([base, 0.12])
    apex = reach * np.array([1.0, rng.uniform(0.02, 0.16)])
    anal = np.array([rng.uniform(0.1, 0.2), drop])
    edges = [
        edge(root, apex, rng.uniform(0.02, 0.07)),
        edge(apex, anal, rng.uniform(0.17, 0.25), rng.uniform(0.4, 0.6)),
        edge(anal, heel, rng.uniform(-0.02, 0.06)),
        edge(heel, root, 0.0),
    ]
    scallop = 0.03 * rng.uniform(0.4, 1) if rng.random() < family.scalloped else 0.0
    tail = _tail(rng) if rng.random() < family.tailed else None
    return _wing(edges, rng.uniform(10, 22), root, scallop, tail, rng)


@dataclass(frozen=True)
class _Tail:
    vein: int
    half_width: float
    way: Points


def _tail(rng: np.random.Generator) -> _Tail:
    vein = int(rng.integers(4, 7))
    angle = np.radians(rng.uniform(60, 95))
    length = rng.uniform(0.1, 0.32)
    return _Tail(vein, rng.uniform(0.035, 0.055), length * np.array([np.cos(angle), np.sin(angle)]))


def _wing(edges: list[Points], sigma: float, root: Points, scallop: float,
          tail: _Tail | None, rng: np.random.Generator) -> Wing:  # fmt: skip
    cells = int(rng.integers(7, 9))
    lengths = [float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in edges]
    ends = np.cumsum(lengths) / sum(lengths) * _POINTS
    line = rounded(resampled(np.concatenate(edges), _POINTS), sigma)
    first, last = int(ends[0]), int(ends[1])
    even = line[first:last]
    margin = _shaped(even, cells, scallop, tail)
    fringe = combed(margin, rng.uniform(0.01, 0.024), 640, rng)
    outline = np.concatenate([line[:first], fringe, line[last:]])
    # The strong vein along the costa and the rolled inner edge are all that ends a clear wing.
    veins = (line[:first], line[last:], *_veins(root, margin, cells))
    return Wing(outline, margin, even, root, veins, cells)


def _shaped(even: Points, cells: int, scallop: float, tail: _Tail | None) -> Points:
    t = np.linspace(0, 1, len(even))
    ends = np.clip(np.minimum(t, 1 - t) * cells, 0, 1)
    margin = even + outward(even) * (scallop * ends * np.abs(np.sin(np.pi * cells * t)))[:, None]
    if tail is None:
        return np.asarray(margin)
    pull = np.exp(-(np.abs((t - tail.vein / cells) / tail.half_width) ** 3))
    return np.asarray(margin + pull[:, None] * tail.way)


def _veins(root: Points, margin: Points, cells: int) -> tuple[Points, ...]:
    ends = margin[np.linspace(0, len(margin) - 1, cells + 1).astype(int)]
    middle = ends[cells // 2]
    cell = root + 0.48 * (middle + 0.34 * (ends - middle) - root)
    sides = [edge(root, cell[i], 0.04, 0.6) for i in (0, cells // 3, cells)]
    rays = [edge(c, e, 0.02) for c, e in zip(cell, ends, strict=True)]
    return (*sides, *rays, cell)
