"""Smooth closed curves, soft noise, and the painting of one piece onto a photograph."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape (n, 2), float64: x to the right, y down. Moth units: 1 is the length of a fore wing."""

Field = NDArray[np.float32]
"""Float32, one or three numbers per pixel: a weight 0…1, or a colour 0…255."""

Matrix = NDArray[np.float64]
"""Shape (3, 3), float64: moves homogeneous points."""


@dataclass(frozen=True)
class Piece:
    """A wing or a body: what it looks like and where it ends, upright and in moth units.

    ``texture`` (h, w, 3) uint8 covers the outline from ``origin`` on at ``scale`` pixels per
    unit; ``opacity`` (h, w) uint8 is 255 where the tray does not show through.
    """

    outline: Points
    texture: NDArray[np.uint8]
    opacity: NDArray[np.uint8]
    origin: tuple[float, float]
    scale: float

    def texture_to_units(self) -> Matrix:
        """Return the matrix that carries texture pixels to moth units."""
        size = 1 / self.scale
        return np.array([[size, 0, self.origin[0]], [0, size, self.origin[1]], [0, 0, 1]])


def placed(angle: float, scale: float, centre: tuple[float, float], mirror: bool = False) -> Matrix:
    """Return the matrix: mirror in x, turn by ``angle`` radians, scale, move to ``centre``."""
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cos, -sin, centre[0]], [sin, cos, centre[1]], [0, 0, 1]])
    return turn @ np.diag([-1.0 if mirror else 1.0, 1.0, 1.0])


def moved(points: Points, matrix: Matrix) -> Points:
    """Return the points carried by the matrix."""
    return np.asarray(points @ matrix[:2, :2].T + matrix[:2, 2])


def edge(start: Points, end: Points, bulge: float, lean: float = 0.5) -> Points:
    """Return a bowed edge, outward for a clockwise outline; bulge as a share of the chord."""
    chord = end - start
    outward = np.array([chord[1], -chord[0]])
    control = start + chord * lean + outward * 2 * bulge
    t = np.linspace(0, 1, 120, endpoint=False)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end)


def resampled(points: Points, count: int) -> Points:
    """Return ``count`` points at equal steps along an open line."""
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0, steps[-1], count)
    return np.stack([np.interp(at, steps, points[:, 0]), np.interp(at, steps, points[:, 1])], 1)


def rounded(points: Points, sigma: float) -> Points:
    """Return the closed line with its corners rounded; sigma in points."""
    reach = int(4 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    ring = np.concatenate([points[-reach:], points, points[:reach]])
    return np.stack([np.convolve(ring[:, axis], kernel, "valid") for axis in (0, 1)], 1)


def outward(points: Points) -> Points:
    """Return the unit normals of a clockwise line, pointing out of it."""
    along = np.gradient(points, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return np.stack([along[:, 1], -along[:, 0]], 1)


def combed(line: Points, length: float, count: int, rng: np.random.Generator) -> Points:
    """Return the line resampled with every other point pulled outward: hairs, a fringe."""
    dense = resampled(line, count)
    pull = length * rng.uniform(0.6, 1, count) * (np.arange(count) % 2)
    return np.asarray(dense + outward(dense) * pull[:, None])


def clouds(rng: np.random.Generator, shape: tuple[int, int], cells: int) -> Field:
    """Return soft noise about 0, deviation about 1, with ``cells`` bumps across, at any size."""
    grid = rng.standard_normal((cells, cells), dtype=np.float32)
    return np.asarray(cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def smooth_step(values: Field, start: float, end: float) -> Field:
    """Return 0 before start, 1 after end, and a soft ramp between."""
    t = np.clip((values - start) / (end - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def coverage(outlines: list[Points], shape: tuple[int, int]) -> Field:
    """Return the share 0…1 of each pixel that lies in any outline; drawn at 2× and reduced."""
    big = np.zeros((shape[0] * 2, shape[1] * 2), np.uint8)
    for outline in outlines:
        cv2.fillPoly(big, [np.round(outline * 32).astype(np.int32)], 255, shift=4)
    small = cv2.resize(big, shape[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small / 255, np.float32)


def stroked(lines: list[Points], width: float, shape: tuple[int, int]) -> Field:
    """Return the share 0…1 of each pixel that lies under the lines; width in pixels."""
    big = np.zeros((shape[0] * 2, shape[1] * 2), np.uint8)
    drawn = [np.round(line * 32).astype(np.int32) for line in lines]
    cv2.polylines(big, drawn, False, 255, max(1, round(width * 2)), cv2.LINE_AA, shift=4)
    small = cv2.resize(big, shape[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) * (min(1.0, width * 2) / 255)


def window(points: Points, shape: tuple[int, int], margin: int = 2) -> tuple[slice, slice]:
    """Return the rows and columns of a picture that the points span, a little widened."""
    left, top = (max(int(v) - margin, 0) for v in np.floor(points.min(axis=0)))
    right, bottom = (int(v) + margin for v in np.ceil(points.max(axis=0)))
    return slice(top, min(bottom, shape[0])), slice(left, min(right, shape[1]))


def paint(photo: Field, whole: Field, piece: Piece, matrix: Matrix) -> None:
    """Paint the piece onto the photograph (h, w, 3) and note in ``whole`` (h, w) what it covers."""
    outline = moved(piece.outline, matrix)
    part = window(outline, whole.shape)
    corner = np.array([part[1].start, part[0].start])
    shape = whole[part].shape
    cover = coverage([outline - corner], shape)
    warp = matrix @ piece.texture_to_units()
    warp[:2, 2] -= corner
    colours = cv2.warpAffine(piece.texture, warp[:2], shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    opacity = cv2.warpAffine(piece.opacity, warp[:2], shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    alpha = (cover * opacity.astype(np.float32) / 255)[..., None]
    photo[part] += alpha * (colours - photo[part])
    np.maximum(whole[part], cover, out=whole[part])
