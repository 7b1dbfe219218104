"""Boxes in pixels: where a specimen lies on a photograph."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from ml.errors import UnusableMask
from ml.imaging.arrays import Mask

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels from the top left corner; ``right`` and ``bottom`` lie outside it."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, mask: Mask) -> Self:
        """Return the smallest box that holds every specimen pixel of a mask.

        Raises:
            UnusableMask: the mask is empty.
        """
        columns = np.flatnonzero(mask.any(axis=0))
        rows = np.flatnonzero(mask.any(axis=1))
        if not columns.size:
            raise UnusableMask("The mask is empty: mark the specimen and try again.")
        return cls(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)

    @property
    def width(self) -> int:
        """Columns, in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows, in pixels."""
        return self.bottom - self.top

    @property
    def area(self) -> int:
        """Pixels inside; 0 where the box is empty."""
        return max(self.width, 0) * max(self.height, 0)

    def grown(self, scale_w: float, scale_ht: float, scale_hb: float) -> "Box":
        """Return the box enlarged about its centre, whole pixels outward; it may leave the picture.

        Args:
            scale_w: share that the width gains (0.1: a tenth wider).
            scale_ht: share that the half above the centre gains.
            scale_hb: share that the half below the centre gains.
        """
        sideways = _outward(self.width, scale_w)
        return Box(
            self.left - sideways,
            self.top - _outward(self.height, scale_ht),
            self.right + sideways,
            self.bottom + _outward(self.height, scale_hb),
        )

    def shrunk(self, scale_w: float, scale_ht: float, scale_hb: float) -> "Box":
        """Return the box that ``grown`` would enlarge to about this one, give or take a pixel.

        Args:
            scale_w: share that the width had gained.
            scale_ht: share that the half above the centre had gained.
            scale_hb: share that the half below the centre had gained.
        """
        width = self.width / (1 + scale_w)
        height = self.height / (1 + (scale_ht + scale_hb) / 2)
        left, top = self.left + width * scale_w / 2, self.top + height * scale_ht / 2
        return Box(round(left), round(top), round(left + width), round(top + height))

    def clamped(self, width: int, height: int) -> "Box":
        """Return the part of the box inside a picture of this size (empty if there is none)."""
        left, right = np.clip((self.left, self.right), 0, width).tolist()
        top, bottom = np.clip((self.top, self.bottom), 0, height).tolist()
        return Box(left, top, right, bottom)

    def shifted(self, dx: int, dy: int) -> "Box":
        """Return the box moved right by ``dx`` and down by ``dy`` pixels."""
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def scaled(self, across: float, down: float) -> "Box":
        """Return the box on the same picture at another size, whole pixels outward.

        Args:
            across: columns of the other picture per column of this one.
            down: rows of the other picture per row of this one.
        """
        return Box(
            floor(self.left * across),
            floor(self.top * down),
            ceil(self.right * across),
            ceil(self.bottom * down),
        )

    def shared(self, other: "Box") -> "Box":
        """Return what both boxes hold; its area is 0 where they do not meet."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def hull(self, other: "Box") -> "Box":
        """Return the smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def iou(self, other: "Box") -> float:
        """Return intersection over union with another box, 0…1 (0 where both are empty)."""
        shared = self.shared(other).area
        return shared / max(self.area + other.area - shared, 1)

    def cut(self, picture: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return the view of a (height, width, …) array that lies in the box.

        Raises:
            ValueError: the box is not wholly inside the picture.
        """
        height, width = picture.shape[:2]
        if self.clamped(width, height) != self:
            raise ValueError(f"{self} leaves the picture of {width} × {height} pixels")
        return picture[self.top : self.bottom, self.left : self.right]


def _outward(length: int, scale: float) -> int:
    # Rounded first: 0.1 is no binary fraction, and its error must not cost a pixel.
    return ceil(round(length * scale / 2, 6))
