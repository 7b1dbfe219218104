"""The tray under the specimen, the light on it, and the camera above it."""

import cv2
import numpy as np

from ml.imaging.arrays import Pixels
from ml.imaging.drawn.curves import Field, Points, clouds, coverage, moved, placed
from ml.imaging.drawn.sources import Tray


def empty_tray(tray: Tray, shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """Return the tray (h, w, 3) in even light, 0…255."""
    relief = _relief(tray.texture, shape, rng)
    colour = np.array(tray.colour, np.float32) * rng.uniform(0.96, 1.03)
    tint = colour + rng.normal(0, 2, 3).astype(np.float32)
    relief *= 1 - 0.35 * _dust(shape, rng)
    photo = np.empty((*shape, 3), np.float32)
    for channel in range(3):
        np.multiply(relief, tint[channel], out=photo[..., channel])
    return photo


def _relief(texture: str, shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """Return brightness about 1: the pores, fibres or crumbs of the tray."""
    relief: Field = 1 + 0.006 * clouds(rng, shape, 9) + 0.006 * clouds(rng, shape, 300)
    if texture == "foam":
        pores = clouds(rng, shape, 180)
        relief -= 0.025 * np.clip(pores - 1.4, 0, 1)
    if texture == "paper":
        relief += 0.006 * clouds(rng, shape, 90)
    if texture == "cork":
        crumbs = clouds(rng, shape, 70) + 0.6 * clouds(rng, shape, 150)
        relief += 0.035 * crumbs - 0.22 * np.clip(crumbs - 1.7, 0, 1)
    return relief


def _dust(shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """Return the share of each pixel under loose scales and crumbs."""
    crumbs = []
    for _ in range(int(rng.integers(0, 40))):
        turn, size = rng.uniform(0, 2 * np.pi), shape[1] * rng.uniform(0.0005, 0.0018)
        matrix = placed(turn, size, (rng.uniform(0, shape[1]), rng.uniform(0, shape[0])))
        crumbs.append(moved(rng.normal(0, 1, (4, 2)), matrix))
    return coverage(crumbs, shape)


def cast_shadow(photo: Field, outlines: list[Points], offset: Points, blur: float,
                strength: float) -> None:  # fmt: skip
    """Darken the photograph where the outlines keep the light off; offset and blur in pixels."""
    height, width = photo.shape[:2]
    shrink = max(2, min(8, int(blur / 2)))
    small = (height // shrink, width // shrink)
    rate = np.array([small[1] / width, small[0] / height])
    shade = coverage([(line + offset) * rate for line in outlines], small)
    soft = cv2.GaussianBlur(shade, (0, 0), max(0.6, blur / shrink))
    full = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    # A shadow is bluer than what lies around it: lamps are warm, the room's light is not.
    for channel, depth in enumerate((1.04, 1.0, 0.94)):
        photo[..., channel] *= 1 - strength * depth * full


def light(photo: Field, rng: np.random.Generator) -> None:
    """Light the photograph unevenly: brighter on one side, darker towards the corners."""
    rows, columns = np.mgrid[-1:1:24j, -1:1:32j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = rng.uniform(0.01, 0.08) * (np.cos(angle) * columns + np.sin(angle) * rows)
    vignette = rng.uniform(0.0, 0.1) * (columns**2 + rows**2)
    even = rng.uniform(0.95, 1.0) * (1 + slope - vignette)
    full = cv2.resize(even, photo.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    for channel, cast in enumerate(rng.normal(1, 0.012, 3)):
        photo[..., channel] *= full * np.float32(cast)


def shot(photo: Field, rng: np.random.Generator) -> Pixels:
    """Return what the camera makes of it: slightly soft, with noise, in whole numbers."""
    height, width = photo.shape[:2]
    soft = cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.35, 0.7) * max(1.0, width / 900) ** 0.5)
    spread = rng.uniform(1.0, 2.8)
    noise = rng.standard_normal((height, width), dtype=np.float32) * np.float32(spread)
    # The second and third channel take the same noise from elsewhere: drawing it is what costs.
    for channel, shift in enumerate((0, 7919, 15881)):
        soft[..., channel] += np.roll(noise, shift)
    return np.asarray(np.clip(soft, 0, 255, out=soft), np.uint8)
