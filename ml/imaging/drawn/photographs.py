"""Whole photographs for detectors: one specimen or a drawer full, things beside it, any ground."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.drawn.curves import Field
from ml.imaging.drawn.field import field_ground
from ml.imaging.drawn.sources import SOURCES, Layout, Rectangle, Tray
from ml.imaging.drawn.specimen import pin_another
from ml.imaging.drawn.things import lay_out
from ml.imaging.drawn.tray import empty_tray, light, shot

Scene = Literal["single", "drawer", "field", "empty"]
SCENES: dict[Scene, float] = {"single": 0.46, "drawer": 0.11, "field": 0.38, "empty": 0.05}
"""What is drawn, and how often."""
_TRIES = 12


@dataclass(frozen=True)
class DrawnPhotograph:
    """A photograph, and where everything is.

    Attributes:
        pixels: (height, width, 3) uint8.
        boxes: the smallest box around each specimen; none on a photograph without.
        beside: boxes of ruler, colour card and labels.
        scene: what was drawn.
    """

    pixels: Pixels
    boxes: tuple[Box, ...]
    beside: tuple[Box, ...]
    scene: Scene


def draw_photograph(seed: int, *, side: int = 480) -> DrawnPhotograph:
    """Draw a photograph of none, one or many specimens.

    Args:
        seed: 0 or more; the same gives the same photograph.
        side: the longer side in pixels, at least 160.
    """
    rng = np.random.default_rng((seed, 5))
    scene: Scene = rng.choice(list(SCENES), p=list(SCENES.values()))
    shape = (round(side * float(rng.choice([0.62, 0.67, 0.75, 0.8, 1.0]))), side)
    photo = _ground(scene, shape, rng)
    places = _places(scene, rng)
    beside = () if scene == "field" else _things(photo, places, rng)
    boxes = []
    for place in places:
        mask = pin_another(photo, place, rng, turn=_turn(scene, rng),
                           closed=scene == "field" and rng.random() < 0.2)  # fmt: skip
        if mask.any():
            boxes.append(Box.around(mask))
    light(photo, rng)
    return DrawnPhotograph(_exposed(photo, rng), tuple(boxes), beside, scene)


def _ground(scene: Scene, shape: tuple[int, int], rng: np.random.Generator) -> Field:
    if scene == "field":
        return field_ground(shape, rng)
    trays = [tray for source in SOURCES for tray in source.trays]
    tray = trays[int(rng.integers(len(trays)))]
    if rng.random() < 0.5:
        colour = rng.uniform(20, 250) + rng.normal(0, 18, 3)
        red, green, blue = np.clip(colour, 8, 255).astype(int).tolist()
        tray = Tray((red, green, blue), tray.texture)
    return empty_tray(tray, shape, rng)


def _turn(scene: Scene, rng: np.random.Generator) -> float:
    if scene == "field":
        return float(rng.uniform(-np.pi, np.pi))
    return float(rng.normal(0, 0.08 if scene == "drawer" else 0.15))


def _places(scene: Scene, rng: np.random.Generator) -> list[Rectangle]:
    """Where specimens go, as shares of the photograph."""
    if scene == "empty":
        return []
    if scene == "drawer":
        return _grid(rng)
    least = 0.3 if scene == "field" else 0.15
    wide, tall = rng.uniform(least, 1.0) ** 0.8, rng.uniform(least, 1.0) ** 0.8
    low, high = (-0.05, 1.05) if scene == "field" else (0.01, 0.99)
    wide, tall = min(wide, high - low), min(tall, high - low)
    left, top = rng.uniform(low, high - wide), rng.uniform(low, high - tall)
    return [(left, top, left + wide, top + tall)]


def _grid(rng: np.random.Generator) -> list[Rectangle]:
    columns, rows = int(rng.integers(2, 5)), int(rng.integers(1, 4))
    wide, tall = 0.96 / columns, 0.96 / rows
    gap = rng.uniform(0.03, 0.2)
    return [
        (0.02 + (column + gap / 2) * wide, 0.02 + (row + gap / 2) * tall,
         0.02 + (column + 1 - gap / 2) * wide, 0.02 + (row + 1 - gap / 2) * tall)
        for column in range(columns) for row in range(rows) if rng.random() < 0.9
    ]  # fmt: skip


def _things(photo: Field, taken: list[Rectangle], rng: np.random.Generator) -> tuple[Box, ...]:
    """Lay ruler, card and labels where there is room."""
    places: list[Rectangle] = list(taken)
    ruler = _free((0.25, 0.95), (0.05, 0.12), places, rng) if rng.random() < 0.6 else None
    card = _free((0.1, 0.35), (0.07, 0.25), places, rng) if rng.random() < 0.45 else None
    labels = [_free((0.08, 0.3), (0.06, 0.22), places, rng) for _ in range(rng.integers(0, 5))]
    laid = tuple(label for label in labels if label)
    layout = Layout((0, 0, 1, 1), ruler=ruler, card=card, labels=laid)
    return lay_out(photo, layout, photo.shape[1] * rng.uniform(0.03, 0.12), rng)


def _free(long: tuple[float, float], short: tuple[float, float], taken: list[Rectangle],
          rng: np.random.Generator) -> Rectangle | None:  # fmt: skip
    """Find room for a thing, lying or standing, and note it in ``taken``."""
    for _ in range(_TRIES):
        sides = [rng.uniform(*long), rng.uniform(*short)]
        wide, tall = sides if rng.random() < 0.5 else sides[::-1]
        # It may leave the photograph at one edge, as rulers do.
        left, top = (
            rng.uniform(-0.3 * wide, 1 - 0.7 * wide),
            rng.uniform(-0.3 * tall, 1 - 0.7 * tall),
        )
        place = (max(left, 0.0), max(top, 0.0), min(left + wide, 1.0), min(top + tall, 1.0))
        if not any(_overlap(place, other) for other in taken):
            taken.append(place)
            return place
    return None


def _overlap(first: Rectangle, second: Rectangle) -> bool:
    return (
        first[0] < second[2] and second[0] < first[2]
        and first[1] < second[3] and second[1] < first[3]
    )  # fmt: skip


def _exposed(photo: Field, rng: np.random.Generator) -> Pixels:
    """What the camera makes of it, sometimes out of focus, and as JPEG."""
    if rng.random() < 0.25:
        photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.5, 1.6)), np.float32)
    pixels = shot(photo, rng)
    if rng.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 95))]
        pixels = np.asarray(
            cv2.imdecode(cv2.imencode(".jpg", pixels, quality)[1], cv2.IMREAD_COLOR)
        )
    return pixels
