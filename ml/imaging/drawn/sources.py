"""How each source shoots and names its specimens."""

from dataclasses import dataclass

import numpy as np

from ml.imaging.arrays import Colour

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the photograph's width and height."""


@dataclass(frozen=True)
class Tray:
    """What the specimens lie on."""

    colour: Colour
    texture: str


@dataclass(frozen=True)
class Layout:
    """Where the specimen and the things beside it go; they never overlap."""

    specimen: Rectangle
    ruler: Rectangle | None = None
    card: Rectangle | None = None
    labels: tuple[Rectangle, ...] = ()


@dataclass(frozen=True)
class Source:
    """One institution or campaign; ``fill`` is how much of its place the specimen takes."""

    code: str
    trays: tuple[Tray, ...]
    layouts: tuple[Layout, ...]
    fill: tuple[float, float]
    digits: int
    with_family: bool


_WHITE = Tray((240, 239, 235), "foam")
_GREY = Tray((178, 179, 178), "paper")
_PALE_GREY = Tray((212, 213, 212), "foam")
_BEIGE = Tray((222, 208, 178), "paper")
_CORK = Tray((196, 158, 112), "cork")
_BLUE = Tray((186, 206, 220), "foam")
_CREAM = Tray((234, 228, 210), "paper")

_SIDE_STRIP = Layout(
    (0.2, 0.03, 0.97, 0.97),
    ruler=(0.135, 0.01, 0.185, 0.99),
    card=(0.025, 0.08, 0.12, 0.24),
    labels=((0.02, 0.3, 0.125, 0.4), (0.03, 0.44, 0.12, 0.5), (0.02, 0.54, 0.12, 0.63)),
)
_RULER_BELOW = Layout((0.03, 0.03, 0.97, 0.83), ruler=(0.08, 0.87, 0.55, 0.96))
_CARD_BELOW = Layout(
    (0.03, 0.03, 0.97, 0.79), ruler=(0.05, 0.87, 0.5, 0.95), card=(0.62, 0.82, 0.93, 0.97)
)
_LABEL_RIGHT = Layout(
    (0.03, 0.04, 0.77, 0.96),
    ruler=(0.92, 0.06, 0.97, 0.9),
    labels=((0.785, 0.1, 0.905, 0.24), (0.79, 0.3, 0.9, 0.4)),
)
_LABEL_BELOW = Layout(
    (0.04, 0.03, 0.96, 0.76),
    ruler=(0.56, 0.87, 0.95, 0.95),
    labels=((0.06, 0.79, 0.26, 0.96), (0.3, 0.81, 0.45, 0.95)),
)
_BARE = Layout((0.04, 0.04, 0.96, 0.96))

SOURCES = (
    Source("SJTT", (_WHITE, _PALE_GREY), (_CARD_BELOW, _RULER_BELOW, _BARE), (0.78, 0.97), 4, True),
    Source("SJRS", (_PALE_GREY, _BLUE), (_LABEL_BELOW, _LABEL_RIGHT), (0.62, 0.9), 5, True),
    Source("CARS", (_GREY,), (_SIDE_STRIP,), (0.6, 0.86), 4, False),
    Source("CATT", (_CREAM, _BEIGE), (_RULER_BELOW, _BARE), (0.74, 0.95), 4, False),
    Source("MCTT", (_CORK, _WHITE, _BEIGE), (_CARD_BELOW, _LABEL_RIGHT), (0.66, 0.9), 4, True),
)
_NUMBERS = 10_000


def name_for(seed: int, source: Source, family: str, rng: np.random.Generator) -> str:
    """Return a name as collections write them; different for each of 10,000 seeds in a row."""
    # 7919 has no factor in common with 10,000, so the numbers look random and never repeat.
    number = (seed * 7919 + 764) % _NUMBERS
    parts = [f"{source.code}{number:0{source.digits}d}"]
    if source.with_family:
        sure = rng.random() < 0.75
        taxon = (
            f"{family}{rng.integers(1, 40)}" if sure else f"{family}無法辨識-{rng.integers(1, 4)}"
        )
        parts.insert(0, taxon)
        if source.code.endswith("TT"):
            parts.append(str(rng.integers(1, 4)))
        parts.append(str(rng.choice(["female", "male"])))
    return "_".join(parts)
