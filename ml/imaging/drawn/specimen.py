"""A pinned moth put together and photographed."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ml.imaging.arrays import SPECIMEN, Mask, Pixels
from ml.imaging.boxes import Box
from ml.imaging.drawn.body import antennae, body, legs
from ml.imaging.drawn.curves import (
    Field,
    Matrix,
    Piece,
    Points,
    moved,
    paint,
    placed,
    stroked,
    window,
)
from ml.imaging.drawn.palettes import WINGS, palette_for
from ml.imaging.drawn.pattern import painted
from ml.imaging.drawn.scheme import scheme_for
from ml.imaging.drawn.sources import SOURCES, Layout, Rectangle, Source, name_for
from ml.imaging.drawn.things import lay_out
from ml.imaging.drawn.tray import cast_shadow, empty_tray, light, shot
from ml.imaging.drawn.wings import FAMILIES, Family, fore_wing, hind_wing


@dataclass(frozen=True)
class DrawnSpecimen:
    """A photograph with its true mask.

    Attributes:
        name: the specimen's name in its collection, without suffix.
        pixels: the photograph, (height, width, 3) uint8.
        mask: wings with fringes and tails, and body; (height, width) uint8, one connected part.
        box: the smallest box around the mask.
        wing: the kind of wing, a key of ``WINGS``.
        beside: boxes of ruler, colour card and labels; they never touch the mask.
    """

    name: str
    pixels: Pixels
    mask: Mask
    box: Box
    wing: str
    beside: tuple[Box, ...]


@dataclass(frozen=True)
class _Pose:
    """Matrices from moth units to pixels: fore wings, hind wings, body; and pixels per unit."""

    fore: tuple[Matrix, ...]
    hind: tuple[Matrix, ...]
    body: Matrix
    unit: float


@dataclass(frozen=True)
class _Moth:
    family: Family
    fore: Piece
    hind: Piece
    body: Piece
    feelers: list[Points]
    see_through: float


def draw_specimen(seed: int, *, width: int = 900, height: int = 640) -> DrawnSpecimen:
    """Draw a pinned moth on a tray, as a museum would photograph it.

    The same seed gives the same moth at any size; seeds differ in family, wings, colours, pose,
    tray, light, and in what lies beside the specimen. One of four has pale, white or transparent
    wings.

    Args:
        seed: 0 or more.
        width: columns of the photograph, in pixels, at least 160.
        height: rows of the photograph, in pixels, at least 120.
    """
    rng = np.random.default_rng(seed)
    source = SOURCES[int(rng.integers(len(SOURCES)))]
    layout = source.layouts[int(rng.integers(len(source.layouts)))]
    family = FAMILIES[int(rng.integers(len(FAMILIES)))]
    wing = str(rng.choice(list(WINGS), p=list(WINGS.values())))
    name = name_for(seed, source, family.code, rng)
    photo = empty_tray(source.trays[int(rng.integers(len(source.trays)))], (height, width), rng)
    moth, pose = _posed_moth(family, wing, source, layout, (height, width), rng)
    beside = lay_out(photo, layout, 0.24 * pose.unit * rng.uniform(0.8, 1.3), rng)
    mask = _mask(_pin(photo, moth, pose, rng))
    light(photo, rng)
    return DrawnSpecimen(name, shot(photo, rng), mask, Box.around(mask), wing, beside)


def pin_another(photo: Field, place: Rectangle, rng: np.random.Generator, *,
                turn: float = 0.0, closed: bool = False) -> Mask:  # fmt: skip
    """Draw some moth onto a photograph; the parts that leave it are cut off.

    Args:
        photo: (height, width, 3) float32, 0…255, in even light; it is changed.
        place: where, as shares of the photograph; it is nearly filled.
        rng: decides which moth.
        turn: radians, clockwise.
        closed: one side only, as an animal that sits with its wings closed.

    Returns:
        Its mask, (height, width) uint8; empty where the place lies outside the photograph.
    """
    source = replace(SOURCES[0], fill=(0.85, 1.0))
    family = FAMILIES[int(rng.integers(len(FAMILIES)))]
    wing = str(rng.choice(list(WINGS), p=list(WINGS.values())))
    shape = (photo.shape[0], photo.shape[1])
    moth, pose = _posed_moth(family, wing, source, Layout(place), shape, rng, turn)
    if closed:
        pose = replace(pose, fore=pose.fore[:1], hind=pose.hind[:1])
    return _mask(_pin(photo, moth, pose, rng))


def _posed_moth(family: Family, wing: str, source: Source, layout: Layout, shape: tuple[int, int],
                rng: np.random.Generator, turn: float = 0.0) -> tuple[_Moth, _Pose]:  # fmt: skip
    fore, hind = fore_wing(family, rng), hind_wing(family, rng)
    pose = _pose(family, [fore.outline, hind.outline], source, layout, shape, rng, turn)
    palette = palette_for(wing, rng)
    scheme = scheme_for(wing, family.code, rng)
    fine = 1.6 * pose.unit
    moth = _Moth(
        family,
        painted(fore, palette, scheme, fine, False, rng),
        painted(hind, palette, scheme, fine, True, rng),
        body(family, palette, fine, rng),
        antennae(family, rng) + legs(rng),
        1.0 if scheme.clear is None else 0.3,
    )
    return moth, pose


def _pose(family: Family, outlines: list[Points], source: Source, layout: Layout,
          shape: tuple[int, int], rng: np.random.Generator,
          turn: float = 0.0) -> _Pose:  # fmt: skip
    """Turn and scale the moth so that it fits its place, each wing a little its own way."""
    lean = turn + float(rng.normal(0, 0.03))
    own = rng.normal(0, 0.035, 4)
    height, width = shape
    left, top, right, bottom = np.array(layout.specimen) * (width, height, width, height)

    def matrices(unit: float, centre: tuple[float, float]) -> _Pose:
        wings = [placed(lean + angle, unit, centre, mirror)
                 for angle, mirror in zip(own, (True, False) * 2, strict=True)]  # fmt: skip
        return _Pose((wings[0], wings[1]), (wings[2], wings[3]), placed(lean, unit, centre), unit)

    flat = matrices(1.0, (0.0, 0.0))
    bounds = np.concatenate(
        [moved(outlines[0], m) for m in flat.fore] + [moved(outlines[1], m) for m in flat.hind]
        + [moved(np.array([[0.0, -0.45], [0.0, family.body_length[1]]]), flat.body)]
    )  # fmt: skip
    low, high = bounds.min(axis=0), bounds.max(axis=0)
    room = np.array([right - left, bottom - top])
    unit = float((room / (high - low)).min() * rng.uniform(*source.fill))
    spare = (room - unit * (high - low)) * rng.uniform(0.3, 0.7, 2)
    centre = np.array([left, top]) + spare - unit * low
    return matrices(unit, (float(centre[0]), float(centre[1])))


def _pin(photo: Field, moth: _Moth, pose: _Pose, rng: np.random.Generator) -> Field:
    """Paint the moth and its shadow; return the share 0…1 of each pixel that it covers."""
    whole = np.zeros(photo.shape[:2], np.float32)
    fore = [moved(moth.fore.outline, matrix) for matrix in pose.fore]
    hind = [moved(moth.hind.outline, matrix) for matrix in pose.hind]
    trunk = moved(moth.body.outline, pose.body)
    angle = rng.uniform(0, 2 * np.pi)
    way = np.array([np.cos(angle), abs(np.sin(angle))]) * pose.unit
    deep, faint = rng.uniform(0.1, 0.38), moth.see_through
    far = rng.uniform(0.02, 0.09)
    feelers = [moved(line, pose.body) for line in moth.feelers]
    cast_shadow(photo, [*fore, *hind, trunk], way * far, far * 0.6 * pose.unit, deep * faint)
    _stroke(photo, [line + way * far for line in feelers], 0.008 * pose.unit, (0, 0, 0), deep / 2)
    for matrix in pose.hind:
        paint(photo, whole, moth.hind, matrix)
    cast_shadow(photo, fore, way * 0.008, 0.016 * pose.unit, 0.4 * faint**2)
    for matrix in pose.fore:
        paint(photo, whole, moth.fore, matrix)
    cast_shadow(photo, [trunk], way * 0.012, 0.02 * pose.unit, 0.35)
    _stroke(photo, feelers, 0.008 * pose.unit, (62, 48, 36), 0.9)
    paint(photo, whole, moth.body, pose.body)
    return whole


def _stroke(photo: Field, lines: list[Points], width: float, colour: tuple[int, int, int],
            strength: float) -> None:  # fmt: skip
    part = window(np.concatenate(lines), photo.shape[:2], margin=4)
    corner = np.array([part[1].start, part[0].start])
    patch = photo[part]
    cover = stroked([line - corner for line in lines], width, (patch.shape[0], patch.shape[1]))
    patch += strength * cover[..., None] * (np.array(colour, np.float32) - patch)


def _mask(whole: Field) -> Mask:
    """Return the largest connected part of what is covered by half or more."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats((whole >= 0.5).astype(np.uint8))
    if count == 1:  # nothing is covered
        return np.zeros(whole.shape, np.uint8)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.where(parts == largest, SPECIMEN, 0).astype(np.uint8)
