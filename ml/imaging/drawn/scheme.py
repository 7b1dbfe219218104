"""Which marks a moth wears on its wings."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scheme:
    """Which marks a specimen wears; shared by its wings, so that their lines meet.

    Places are shares of the way from the root (0) to the outer margin (1).
    """

    lines: tuple[float, ...]
    zigzag: float
    wobble: float
    band: tuple[float, float] | None
    border: float
    border_pale: bool
    windows: tuple[float, float] | None
    dots: bool
    eye: tuple[float, float, float] | None
    kidney: bool
    veins: float
    contrast: float
    speckle: float
    clear: float | None


_CONTRAST = {
    "dark": (0.4, 0.9),
    "brown": (0.35, 0.8),
    "patterned": (0.75, 1.0),
    "bright": (0.5, 0.95),
    "pale": (0.25, 0.7),
    "white": (0.15, 0.6),
    "transparent": (0.5, 0.9),
}


def scheme_for(wing: str, family: str, rng: np.random.Generator) -> Scheme:
    """Return the marks of a moth with this kind of wing."""
    clear = rng.uniform(0.06, 0.22) if wing == "transparent" else None
    plain = clear is not None
    eye_chance = 0.6 if family == "SAT" else 0.12
    spotted = {"patterned": 0.4, "dark": 0.35, "bright": 0.35}.get(wing, 0.1)
    count = int(rng.integers(1, 5)) if not plain else 0
    return Scheme(
        lines=tuple(np.sort(rng.uniform(0.28, 0.9, count))),
        zigzag=rng.uniform(0.0, 0.022),
        wobble=rng.uniform(0.01, 0.05),
        band=_maybe(rng, 0.45 if not plain else 0.0, (0.45, 0.68), (0.05, 0.14)),
        border=_border(rng, plain),
        border_pale=bool(rng.random() < 0.25) and not plain,
        windows=_maybe(rng, spotted if not plain else 0.0, (0.68, 0.82), (0.05, 0.11)),
        dots=bool(rng.random() < 0.4),
        eye=_eye(rng) if rng.random() < eye_chance and not plain else None,
        kidney=bool(rng.random() < (0.8 if family == "NOC" else 0.3)) and not plain,
        veins=rng.uniform(0.8, 1.0) if plain else rng.uniform(0.1, 0.6) ** 1.3,
        contrast=rng.uniform(*_CONTRAST[wing]),
        speckle=rng.uniform(0.02, 0.09),
        clear=clear,
    )


def _maybe(rng: np.random.Generator, chance: float, first: tuple[float, float],
           second: tuple[float, float]) -> tuple[float, float] | None:  # fmt: skip
    drawn = (rng.uniform(*first), rng.uniform(*second))
    return drawn if rng.random() < chance else None


def _border(rng: np.random.Generator, plain: bool) -> float:
    if plain:
        return rng.uniform(0.02, 0.1)
    return rng.uniform(0.04, 0.16) if rng.random() < 0.6 else 0.0


def _eye(rng: np.random.Generator) -> tuple[float, float, float]:
    return rng.uniform(0.5, 0.62), rng.uniform(0.35, 0.5), rng.uniform(0.04, 0.08)
