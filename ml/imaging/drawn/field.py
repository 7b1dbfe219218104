"""Grounds that are no tray: leaves, stems, flowers and what is out of focus behind them."""

import cv2
import numpy as np

from ml.imaging.drawn.curves import Field, clouds

_GROUNDS = (
    ((52, 78, 38), (120, 150, 70)),
    ((90, 78, 58), (160, 146, 118)),
    ((60, 70, 60), (180, 190, 170)),
    ((140, 120, 80), (214, 200, 150)),
    ((110, 112, 116), (186, 186, 184)),
    ((40, 52, 40), (84, 110, 60)),
)
_LEAVES = ((58, 104, 40), (96, 140, 60), (140, 160, 84), (128, 100, 60), (40, 70, 44))
_PETALS = ((226, 200, 60), (214, 90, 150), (240, 238, 230), (150, 90, 190), (222, 120, 50))


def field_ground(shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """Return a ground as outdoors, (height, width, 3) float32, 0…255."""
    dark, bright = (np.array(end, np.float32) for end in _GROUNDS[int(rng.integers(len(_GROUNDS)))])
    mixed = 0.5 + 0.22 * clouds(rng, shape, int(rng.integers(3, 9)))
    mixed += rng.uniform(0, 0.16) * clouds(rng, shape, int(rng.integers(12, 90)))
    photo: Field = dark + np.clip(mixed, 0, 1)[..., None] * (bright - dark)
    for blur in (rng.uniform(6, 14), rng.uniform(2, 5), rng.uniform(0.4, 1.5)):
        _plants(photo, rng)
        photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), blur * shape[1] / 640), np.float32)
    relief = 1 + rng.uniform(0.01, 0.06) * clouds(rng, shape, 160)
    return np.asarray(photo * relief[..., None], np.float32)


def _plants(photo: Field, rng: np.random.Generator) -> None:
    kinds = rng.dirichlet((1.2, 0.8, 0.6))  # a meadow, a hedge, a flower bed
    for _ in range(int(rng.gamma(1.0, 14))):
        draw = (_leaf, _stem, _flower)[int(rng.choice(3, p=kinds))]
        draw(photo, rng)


def _shade(colours: tuple[tuple[int, int, int], ...], rng: np.random.Generator) -> list[float]:
    colour = np.array(colours[int(rng.integers(len(colours)))], float)
    return [float(c) for c in np.clip(colour * rng.uniform(0.6, 1.35), 0, 255)]


def _leaf(photo: Field, rng: np.random.Generator) -> None:
    height, width = photo.shape[:2]
    length, breadth = rng.uniform(0.08, 0.5) * width, rng.uniform(0.2, 0.5)
    turn = rng.uniform(0, 2 * np.pi)
    along = np.linspace(-1, 1, 24)
    half = breadth * (1 - along**2) * np.exp(-0.4 * along)
    outline = np.concatenate([np.stack([along, half], 1), np.stack([along, -half], 1)[::-1]])
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = rng.uniform(0, 1, 2) * (width, height)
    points = (outline * length / 2) @ spin.T + middle
    colour = _shade(_LEAVES, rng)
    cv2.fillPoly(photo, [np.round(points).astype(np.int32)], colour, cv2.LINE_8)
    rib = np.round(points[[0, 23]]).astype(int)
    pale = [min(255.0, c * 1.3) for c in colour]
    cv2.line(photo, rib[0].tolist(), rib[1].tolist(), pale, max(1, round(length / 60)))


def _stem(photo: Field, rng: np.random.Generator) -> None:
    height, width = photo.shape[:2]
    ends = rng.uniform(-0.1, 1.1, (2, 2)) * (width, height)
    thick = max(1, round(float(np.exp(rng.uniform(np.log(0.002), np.log(0.06)))) * width))
    first, last = (np.round(end).astype(int).tolist() for end in ends)
    cv2.line(photo, first, last, _shade(_LEAVES, rng), thick)


def _flower(photo: Field, rng: np.random.Generator) -> None:
    height, width = photo.shape[:2]
    middle, reach = rng.uniform(0, 1, 2) * (width, height), rng.uniform(0.03, 0.16) * width
    petals, colour = int(rng.integers(5, 14)), _shade(_PETALS, rng)
    for turn in np.arange(petals) * 2 * np.pi / petals:
        at = np.round(middle + 0.6 * reach * np.array([np.cos(turn), np.sin(turn)])).astype(int)
        size = (max(1, round(0.45 * reach)), max(1, round(1.2 * reach / petals)))
        cv2.ellipse(photo, at.tolist(), size, float(np.degrees(turn)), 0, 360, colour, -1)
    cv2.circle(photo, np.round(middle).astype(int).tolist(), max(1, round(0.25 * reach)),
               _shade(_PETALS, rng), -1)  # fmt: skip
