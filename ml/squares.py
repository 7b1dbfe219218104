"""Letter-boxed crops with their masks, in one file on disk: what networks train on."""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Mask, Pixels
from ml.imaging.letterbox import Letterbox


class Squares:
    """A numbered row of squares that takes disk, not memory, however many there are.

    The file is a plain ``.npy`` array of shape (count, side, side, 4), uint8: red, green, blue
    and mask.
    """

    def __init__(self, array: NDArray[np.uint8]) -> None:
        """Wrap an array as described above; ``create`` and ``open`` make it a file."""
        self._array = array

    @classmethod
    def create(cls, path: Path, count: int, side: int) -> Self:
        """Make a file of ``count`` black squares of ``side`` × ``side``, over any old one."""
        shape = (count, side, side, 4)
        return cls(np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file that ``create`` made, for reading only."""
        return cls(np.load(path, mmap_mode="r"))

    def __len__(self) -> int:
        """Return how many squares there are."""
        return len(self._array)

    @property
    def side(self) -> int:
        """Rows and columns of each square."""
        return int(self._array.shape[1])

    def put(self, index: int, pixels: Pixels, mask: Mask) -> None:
        """Letter-box a crop and its mask, both of the crop's size, into square ``index``."""
        height, width = mask.shape
        box = Letterbox(height, width, self.side)
        self._array[index, ..., :3] = box.pixels(pixels)
        self._array[index, ..., 3] = box.mask(mask)

    def __getitem__(self, index: int) -> tuple[Pixels, Mask]:
        """Return square ``index``: pixels (side, side, 3) and mask (side, side), both uint8."""
        square = self._array[index]
        return square[..., :3], square[..., 3]

    def batch(self, indices: NDArray[np.integer]) -> NDArray[np.uint8]:
        """Return copies of several squares, shape (n, side, side, 4), uint8: RGB and mask."""
        return np.asarray(self._array[indices])
