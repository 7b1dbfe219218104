"""Head, thorax and furry abdomen; antennae and legs, which are no part of the mask."""

import cv2
import numpy as np

from ml.imaging.arrays import Colour, Pixels
from ml.imaging.drawn.curves import Piece, Points, clouds, combed, edge
from ml.imaging.drawn.palettes import Palette
from ml.imaging.drawn.wings import Family

HEAD = -0.2
"""How far the front of the head lies before the wing roots, in moth units."""


def body(family: Family, palette: Palette, scale: float, rng: np.random.Generator) -> Piece:
    """Return head, thorax and abdomen as one furry piece, ``scale`` pixels to a unit."""
    width, length = rng.uniform(*family.body_width), rng.uniform(*family.body_length)
    line = _line(width, length, rng)
    fur = width * rng.uniform(0.05, 0.13)
    outline = combed(np.concatenate([line, line[:1]]), fur, 1100, rng)
    low, high = outline.min(axis=0) - 0.02, outline.max(axis=0) + 0.02
    columns, rows = np.ceil((high - low) * scale).astype(int)
    texture = _texture((int(rows), int(columns)), low, scale, (width, length), palette, rng)
    opacity = np.full(texture.shape[:2], 255, np.uint8)
    return Piece(outline, texture, opacity, (float(low[0]), float(low[1])), scale)


def _line(width: float, length: float, rng: np.random.Generator) -> Points:
    """Return the clockwise outline, from the half widths at stations along the body."""
    blunt = rng.uniform(0.25, 0.7)
    stations = np.array([HEAD, HEAD + 0.02, -0.13, -0.11, -0.03, 0.06, 0.12, 0.2,
                         0.6 * length, 0.88 * length, length])  # fmt: skip
    stations[7] = min(0.2, 0.4 * length)
    halves = np.array([0.02, 0.26, 0.32, 0.3, 0.5, 0.5, 0.42, 0.44, 0.4, 0.4 * blunt, 0.02])
    y = np.linspace(HEAD, length, 160)
    x = np.convolve(np.pad(np.interp(y, stations, halves * width), 4, "edge"), np.ones(9) / 9,
                    "valid")  # fmt: skip
    x[[0, -1]] = 0
    right = np.stack([x, y], 1)
    return np.concatenate([right, (right * (-1, 1))[::-1][1:-1]])


def _texture(shape: tuple[int, int], low: Points, scale: float, size: tuple[float, float],
             palette: Palette, rng: np.random.Generator) -> Pixels:  # fmt: skip
    width, length = size
    y = (np.arange(shape[0], dtype=np.float32) / scale + low[1])[:, None]
    x = (np.arange(shape[1], dtype=np.float32) / scale + low[0])[None]
    round_ = 1.12 - 0.55 * (x / (0.5 * width)) ** 2 * 0.9
    rings = 1 - rng.uniform(0.06, 0.2) * (y > 0.14) * (np.sin(y / length * 44) > 0.55)
    furry = 1 + 0.1 * clouds(rng, shape, 60)
    shade = np.clip(round_, 0.45, 1.2) * rings * furry
    colours = np.array(palette.body, np.float32) * shade[..., None]
    texture: Pixels = np.clip(colours, 0, 255).astype(np.uint8)
    _hairs(texture, low, scale, size, palette, rng)
    for side in (-1, 1):
        eye = np.array([side * 0.2 * width, HEAD + 0.03])
        _dot(texture, (eye - low) * scale, 0.09 * width * scale, (24, 20, 18))
    pin = (np.array([0.02 * width, -0.01]) - low) * scale
    _dot(texture, pin, 0.075 * width * scale + 0.004 * scale, (52, 50, 50))
    _dot(texture, pin - 0.006 * scale, 0.03 * width * scale, (226, 226, 222))
    return texture


def _hairs(texture: Pixels, low: Points, scale: float, size: tuple[float, float],
           palette: Palette, rng: np.random.Generator) -> None:  # fmt: skip
    width, length = size
    count = 520
    starts = np.stack([rng.uniform(-0.5, 0.5, count) * width, rng.uniform(HEAD, length, count)], 1)
    ways = np.stack([starts[:, 0] * 0.35, rng.uniform(0.015, 0.045, count)], 1)
    lines = np.stack([starts, starts + ways], 1)
    drawn = np.round((lines - low) * scale * 16).astype(np.int32)
    for part, light in zip(np.array_split(drawn, 3), (0.8, 0.93, 1.16), strict=True):
        colour = tuple(min(255.0, c * light) for c in palette.body)
        thick = max(1, round(0.0022 * scale))
        cv2.polylines(texture, list(part), False, colour, thick, cv2.LINE_AA, 4)


def _dot(texture: Pixels, centre: Points, radius: float, colour: Colour) -> None:
    middle = tuple(int(v) for v in np.round(centre * 16))
    cv2.circle(texture, middle, max(8, round(radius * 16)), colour, -1, cv2.LINE_AA, 4)


def antennae(family: Family, rng: np.random.Generator) -> list[Points]:
    """Return both antennae, with their combs where the family has them, in moth units."""
    length, spread = rng.uniform(0.22, 0.42), np.radians(rng.uniform(28, 62))
    bow = rng.uniform(-0.18, 0.18)
    lines: list[Points] = []
    for side in (-1, 1):
        angle = spread + rng.normal(0, 0.08)
        tip = np.array([side * np.sin(angle), -np.cos(angle)]) * length
        root = np.array([side * 0.02, HEAD + 0.02])
        shaft = edge(root, root + tip, side * bow)
        lines.append(shaft)
        if family.antenna == "plume":
            lines += _comb(shaft, 0.05 * rng.uniform(0.5, 1))
        if family.antenna == "club":
            lines += [shaft[-12:] + np.array([dx, 0.0]) for dx in (-0.006, 0.006)]
    return lines


def _comb(shaft: Points, length: float) -> list[Points]:
    teeth: list[Points] = []
    for i in range(6, 112, 5):
        way = shaft[i + 4] - shaft[i]
        way = way / np.hypot(*way)
        reach = length * np.sin(np.pi * (i + 8) / 124)
        across = np.array([way[1], -way[0]])
        tips = [shaft[i] + reach * (side * 0.85 * across + 0.5 * way) for side in (-1, 1)]
        teeth += [np.stack([shaft[i], tip]) for tip in tips]
    return teeth


def legs(rng: np.random.Generator) -> list[Points]:
    """Return the legs that show beside head and abdomen, in moth units; often none."""
    lines: list[Points] = []
    for side in (-1, 1):
        if rng.random() < 0.4:
            knee = np.array([side * rng.uniform(0.06, 0.1), HEAD - rng.uniform(0.0, 0.05)])
            foot = knee + np.array([side * rng.uniform(-0.02, 0.05), -rng.uniform(0.03, 0.08)])
            lines.append(np.stack([np.array([side * 0.03, HEAD + 0.05]), knee, foot]))
    return lines
