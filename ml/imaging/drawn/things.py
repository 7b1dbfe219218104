"""What lies beside a specimen: ruler, colour card, labels."""

import cv2
import numpy as np

from ml.imaging.arrays import Colour, Pixels
from ml.imaging.boxes import Box
from ml.imaging.drawn.curves import Field, Points, moved, placed, window
from ml.imaging.drawn.curves import coverage as covered
from ml.imaging.drawn.sources import Layout, Rectangle
from ml.imaging.drawn.tray import cast_shadow

_INK = (38, 36, 40)
_PATCHES = (
    ((115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67),
     (133, 128, 177), (103, 189, 170)),
    ((214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108),
     (157, 188, 64), (224, 163, 46)),
    ((56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31),
     (187, 86, 149), (8, 133, 161)),
    ((243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121),
     (85, 85, 85), (52, 52, 52)),
)  # fmt: skip


def lay_out(photo: Field, layout: Layout, cm: float, rng: np.random.Generator) -> tuple[Box, ...]:
    """Lay ruler, card and labels on the photograph and return where; ``cm`` in pixels."""
    boxes: list[Box] = []
    if layout.ruler:
        size = _size(layout.ruler, photo)
        boxes.append(_laid(photo, _ruler(size, cm), layout.ruler, 0.006, rng))
    if layout.card:
        boxes.append(_laid(photo, _card(_size(layout.card, photo)), layout.card, 0.02, rng))
    for number, place in enumerate(layout.labels):
        if rng.random() < 0.85:
            label = _label(_size(place, photo), number, rng)
            boxes.append(_laid(photo, label, place, 0.05, rng))
    return tuple(boxes)


def _size(place: Rectangle, photo: Field) -> tuple[int, int]:
    """Return width and height in pixels at twice the photograph's resolution."""
    height, width = photo.shape[:2]
    return round((place[2] - place[0]) * width * 2), round((place[3] - place[1]) * height * 2)


def _laid(photo: Field, thing: Pixels, place: Rectangle, turn: float,
          rng: np.random.Generator) -> Box:  # fmt: skip
    height, width = photo.shape[:2]
    centre = ((place[0] + place[2]) / 2 * width, (place[1] + place[3]) / 2 * height)
    size = 0.5 * rng.uniform(0.93, 0.97)
    corner = np.array([[1.0, 0, -thing.shape[1] / 2], [0, 1, -thing.shape[0] / 2], [0, 0, 1]])
    matrix = placed(float(rng.normal(0, turn / 2)), size, centre) @ corner
    tall, wide = thing.shape[:2]
    quad = moved(np.array([[0.0, 0], [wide, 0], [wide, tall], [0, tall]]), matrix)
    depth = 0.0025 * width
    cast_shadow(photo, [quad], np.array([depth, depth]), 1.2 * depth, 0.35)
    part = window(quad, (height, width))
    _paste(photo[part], thing, quad, matrix, np.array([part[1].start, part[0].start]))
    return Box(part[1].start, part[0].start, part[1].stop, part[0].stop)


def _paste(patch: Field, thing: Pixels, quad: Points, matrix: Points, corner: Points) -> None:
    shape = (patch.shape[0], patch.shape[1])
    matrix = matrix.copy()
    matrix[:2, 2] -= corner
    seen = cv2.warpAffine(thing, matrix[:2], shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    patch += covered([quad - corner], shape)[..., None] * (seen - patch)


def _ruler(size: tuple[int, int], cm: float) -> Pixels:
    """Return a ruler with millimetres, standing when it is taller than wide."""
    length, breadth = max(size), min(size)
    ruler = np.full((breadth, length, 3), (244, 243, 238), np.uint8)
    step = 2 * cm / 10
    reaches = {0: 0.46, 5: 0.34}
    for i in range(1, int(length / step)):
        x = round(i * step)
        reach = round(breadth * reaches.get(i % 10, 0.22))
        cv2.line(ruler, (x, 0), (x, reach), _INK, max(1, round(breadth * 0.018)))
        if i % 10 == 0:
            height = breadth / 75
            cv2.putText(ruler, str(i // 10), (round(x - 9 * height), round(breadth * 0.84)),
                        cv2.FONT_HERSHEY_SIMPLEX, height, _INK, max(1, round(height * 2)),
                        cv2.LINE_AA)  # fmt: skip
    return ruler if size[0] >= size[1] else np.ascontiguousarray(np.rot90(ruler, -1))


def _card(size: tuple[int, int]) -> Pixels:
    """Return a colour card of 24 patches on black."""
    width, height = size
    card = np.full((height, width, 3), (28, 28, 28), np.uint8)
    rows = _PATCHES if width >= height else tuple(zip(*_PATCHES, strict=True))
    gap = max(1, min(size) // 40)
    for row, colours in enumerate(rows):
        for column, colour in enumerate(colours):
            left, right = (round(k * (width - gap) / len(colours)) for k in (column, column + 1))
            top, bottom = (round(k * (height - gap) / len(rows)) for k in (row, row + 1))
            card[top + gap : bottom, left + gap : right] = colour
    return card


def _label(size: tuple[int, int], number: int, rng: np.random.Generator) -> Pixels:
    """Return a paper label: the first with lines of writing, the others with a square code."""
    papers: tuple[Colour, ...] = (
        (246, 243, 232),
        (236, 222, 186),
        (250, 250, 248),
        (196, 228, 212),
    )
    width, height = size
    label = np.full((height, width, 3), papers[int(rng.integers(len(papers)))], np.uint8)
    cv2.rectangle(label, (0, 0), (width - 1, height - 1), (206, 202, 190), max(1, height // 60))
    left = round(0.07 * width)
    if number:
        side = round(0.8 * min(width * 0.5, height))
        label[(height - side) // 2 :, left:][:side, :side] = _code(side, rng)
        left += side + round(0.06 * width)
    _write(label, left, rng)
    return label


def _code(side: int, rng: np.random.Generator) -> Pixels:
    """Return a square code with three finder marks."""
    modules = rng.integers(0, 2, (17, 17)) * 210 + 30
    for top, left in ((0, 0), (0, 12), (12, 0)):
        modules[top : top + 5, left : left + 5] = 30
        modules[top + 1 : top + 4, left + 1 : left + 4] = 240
        modules[top + 2, left + 2] = 30
    grey = cv2.resize(modules.astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    return np.repeat(grey[..., None], 3, axis=2)


_WORDS = (
    ("TAIWAN: Nantou", "Hsien, Lienhuachih", "{day}. {roman}. {year}", "leg. {who}"),
    ("TAIWAN, Hualien", "Tienhsiang {day}00 m", "{year}-{roman}-{day}", "coll. {who}"),
    ("Formosa, Arisan", "{day}. {roman}. {year}", "at light", "{who}"),
)


def _write(label: Pixels, left: int, rng: np.random.Generator) -> None:
    height, width = label.shape[:2]
    room = width - left - round(0.05 * width)
    by_hand = rng.random() < 0.35
    font = cv2.FONT_HERSHEY_SCRIPT_SIMPLEX if by_hand else cv2.FONT_HERSHEY_DUPLEX
    values = {
        "day": rng.integers(1, 29),
        "roman": rng.choice(["III", "IV", "V", "VI", "VII", "VIII", "IX"]),
        "year": rng.integers(1932, 2019),
        "who": rng.choice(["S. Wu", "L. C. Shih", "Y. B. Fan", "C. M. Fu"]),
    }
    lines = [line.format(**values) for line in _WORDS[int(rng.integers(len(_WORDS)))]]
    widest = max(cv2.getTextSize(line, font, 1.0, 1)[0][0] for line in lines)
    scale = 0.88 * min(room / widest, height * 0.19 / 22)
    for i, line in enumerate(lines):
        at = (left, round(height * (0.26 + 0.2 * i)))
        cv2.putText(label, line, at, font, scale, _INK, max(1, round(scale * 1.4)), cv2.LINE_AA)
