"""Where a crop lies on its photograph, straight or turned, and carrying pixels between the two."""

from dataclasses import dataclass
from math import ceil, cos, floor, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import BACKGROUND, SPECIMEN, Colour, Mask, Pixels
from ml.imaging.boxes import Box

_EXACT = 1e-6
"""Pixels: placements that are shifted by whole ones but for this are carried without resampling."""


@dataclass(frozen=True)
class Placement:
    """Where a crop lies on its photograph.

    Args:
        box: in pixels of the photograph, before it is turned. A turned one may leave it.
        angle: degrees, clockwise as one sees it, about the box's centre.
    """

    box: Box
    angle: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the crop, in pixels."""
        return self.box.height, self.box.width

    @property
    def bounds(self) -> Box:
        """The smallest straight box that holds all of it; it may leave the photograph."""
        if not self.angle:
            return self.box
        columns, rows = self.corners.T
        return Box(
            floor(columns.min() + _EXACT),
            floor(rows.min() + _EXACT),
            ceil(columns.max() - _EXACT),
            ceil(rows.max() - _EXACT),
        )

    @property
    def corners(self) -> NDArray[np.float64]:
        """Shape (4, 2): x and y on the photograph, clockwise from the crop's top left."""
        height, width = self.shape
        of_crop = np.array([(0, 0, 1), (width, 0, 1), (width, height, 1), (0, height, 1)], float)
        return np.asarray((of_crop @ self.onto_photograph.T)[:, :2])

    @property
    def onto_photograph(self) -> NDArray[np.float64]:
        """Shape (3, 3): takes (x, y, 1) on the crop to the same on the photograph.

        Continuous coordinates: the centre of the first pixel is at (0.5, 0.5).
        """
        turn = radians(self.angle)
        along, across = cos(turn), sin(turn)
        height, width = self.shape
        middle = (self.box.left + self.box.right) / 2, (self.box.top + self.box.bottom) / 2
        return np.array(
            [
                (along, -across, middle[0] - along * width / 2 + across * height / 2),
                (across, along, middle[1] - across * width / 2 - along * height / 2),
                (0.0, 0.0, 1.0),
            ]
        )

    def near(self, width: int, height: int) -> Box:
        """The part of a photograph of this size that ``cut`` looks at; it can be empty."""
        if not self.angle:
            return self.box.clamped(width, height)
        bounds = self.bounds
        around = Box(bounds.left - 2, bounds.top - 2, bounds.right + 2, bounds.bottom + 2)
        return around.clamped(width, height)

    def shifted(self, dx: int, dy: int) -> "Placement":
        """Return the placement moved right by ``dx`` and down by ``dy`` pixels."""
        return Placement(self.box.shifted(dx, dy), self.angle)


def cut(pixels: Pixels, placement: Placement) -> Pixels:
    """Return the pixels of a crop: a view where it is straight, else interpolated (bicubic).

    Where a turned crop leaves the photograph, the photograph's edge is repeated.

    Args:
        pixels: the photograph, shape (height, width, 3), uint8.
        placement: where the crop lies.

    Raises:
        ValueError: a straight crop leaves the photograph, or a turned one lies outside it.
    """
    if not placement.angle:
        return placement.box.cut(pixels)
    height, width = pixels.shape[:2]
    near = placement.near(width, height)
    if not near.area:
        raise ValueError(f"{placement} lies outside the picture of {width} × {height} pixels")
    there = placement.shifted(-near.left, -near.top).onto_photograph
    return _warped(near.cut(pixels), there, placement.shape, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)


def into_photograph(mask: Mask, placement: Placement, height: int, width: int) -> Mask:
    """Return the mask of a crop as a mask of its photograph, background outside the crop.

    Args:
        mask: of the crop, shape ``placement.shape``, uint8.
        placement: where the crop lies; wholly inside the photograph if it is straight.
        height: rows of the photograph.
        width: columns of the photograph.

    Raises:
        ValueError: the mask has not the crop's size, or a straight crop leaves the photograph.
    """
    whole = np.zeros((height, width), np.uint8)
    if not placement.angle:
        _check(mask, placement)
        placement.box.cut(whole)[:] = mask
        return whole
    seen = placement.bounds.clamped(width, height)
    if seen.area:
        seen.cut(whole)[:] = carried(mask, placement, Placement(seen))
    return whole


def out_of_photograph(mask: Mask, placement: Placement) -> Mask:
    """Return the part of a photograph's mask that lies in a crop, as an array of its own.

    Raises:
        ValueError: a straight crop leaves the photograph.
    """
    if not placement.angle:
        return placement.box.cut(mask).copy()
    height, width = mask.shape
    near = placement.bounds.clamped(width, height)
    return carried(near.cut(mask), Placement(near), placement)


def carried(mask: Mask, placement: Placement, target: Placement) -> Mask:
    """Return the mask of one crop as a mask of another crop of the same photograph.

    What lies outside the target is lost, and what only the target holds is background. Where one
    of them is turned against the other, a pixel is specimen if more than half of it is.

    Args:
        mask: shape ``placement.shape``, uint8.
        placement: where the mask's crop lies on the photograph.
        target: where the other crop lies; the two need not touch.

    Raises:
        ValueError: the mask has not the crop's size.
    """
    _check(mask, placement)
    between = _between(placement, target)
    moved = between[:2, 2]
    whole = np.rint(moved)
    if placement.angle == target.angle and np.abs(moved - whole).max() < _EXACT:
        return _shifted(mask, int(whole[0]), int(whole[1]), target.shape)
    if not mask.size:
        return np.zeros(target.shape, np.uint8)
    soft = _warped(mask, between, target.shape, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)
    return np.where(soft > SPECIMEN // 2, SPECIMEN, BACKGROUND).astype(np.uint8)


def outside(mask: Mask, placement: Placement, target: Placement) -> int:
    """Count the specimen pixels of a crop's mask that another crop would leave out.

    Args:
        mask: shape ``placement.shape``, uint8.
        placement: where the mask's crop lies on the photograph.
        target: where the other crop lies.

    Raises:
        ValueError: the mask has not the crop's size.
    """
    _check(mask, placement)
    everything = np.full(target.shape, SPECIMEN, np.uint8)
    return int(np.count_nonzero(mask[carried(everything, target, placement) == BACKGROUND]))


def on_ground(pixels: Pixels, placement: Placement, ground: Box, grey: int) -> Pixels:
    """Return the picture of a crop at its place in a straight box of the photograph.

    Args:
        pixels: of the crop, perhaps scaled down, shape (height, width, 3), uint8. The result is
            at the same scale.
        placement: where the crop lies.
        ground: in pixels of the photograph; it may leave it.
        grey: 0…255, where the box shows nothing of the crop.
    """
    scale = pixels.shape[1] / placement.box.width
    height, width = max(1, round(ground.height * scale)), max(1, round(ground.width * scale))
    to_crop = np.linalg.inv(placement.onto_photograph) @ Placement(ground).onto_photograph
    zoom = np.diag([scale, scale, 1.0])
    there = zoom @ to_crop @ np.linalg.inv(zoom)
    return _warped(
        pixels, there, (height, width), cv2.INTER_LINEAR, cv2.BORDER_CONSTANT, (grey, grey, grey)
    )


def _between(placement: Placement, target: Placement) -> NDArray[np.float64]:
    """Takes a point of the target to the same point of the photograph on the other crop."""
    to_crop = np.linalg.inv(placement.onto_photograph)
    return np.asarray(to_crop @ target.onto_photograph)


def _shifted(mask: Mask, dx: int, dy: int, shape: tuple[int, int]) -> Mask:
    moved = np.zeros(shape, np.uint8)
    target = Box(dx, dy, dx + shape[1], dy + shape[0])
    shared = target.shared(Box(0, 0, mask.shape[1], mask.shape[0]))
    if shared.area:
        shared.shifted(-dx, -dy).cut(moved)[:] = shared.cut(mask)
    return moved


def _warped(
    picture: NDArray[np.uint8],
    there: NDArray[np.float64],
    shape: tuple[int, int],
    how: int,
    border: int,
    ground: Colour = (BACKGROUND, BACKGROUND, BACKGROUND),
) -> NDArray[np.uint8]:
    """Look up each pixel of the result; OpenCV counts from the centre of the first pixel."""
    half = np.array([(1, 0, 0.5), (0, 1, 0.5), (0, 0, 1)])
    matrix = (np.linalg.inv(half) @ there @ half)[:2]
    flags = how | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(
        picture, matrix, shape[::-1], flags=flags, borderMode=border, borderValue=ground
    )
    return np.asarray(warped, np.uint8)


def _check(mask: Mask, placement: Placement) -> None:
    if mask.shape != placement.shape:
        raise ValueError(f"a mask of shape {mask.shape} does not fit {placement}")
