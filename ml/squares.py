"""Letter-boxed crops with their masks, in one file on disk: what networks train on."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Colour, Mask, Pixels
from ml.imaging.letterbox import WHITE, Letterbox


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
        """Make a file of ``count`` black squares of ``side`` × ``side``, over any old one.

        Raises:
            OSError: the disk has no room for all of them.
        """
        shape = (count, side, side, 4)
        array = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
        with path.open("r+b") as file:
            # Without its blocks a full disk would kill the process in the middle of a write.
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        return cls(array)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file that ``create`` made, for reading only."""
        return cls(np.load(path, mmap_mode="r"))

    def __reduce__(self) -> tuple[Callable[[Path], Self], tuple[Path]]:
        """Travel to another process as the path of the file, which must still be there."""
        assert isinstance(self._array, np.memmap)
        return self.open, (Path(str(self._array.filename)),)

    def __len__(self) -> int:
        """Return how many squares there are."""
        return len(self._array)

    @property
    def side(self) -> int:
        """Rows and columns of each square."""
        return int(self._array.shape[1])

    def put(self, index: int, pixels: Pixels, mask: Mask, fill: Colour = WHITE) -> None:
        """Letter-box a crop and its mask, both of the crop's size, into square ``index``."""
        height, width = mask.shape
        box = Letterbox(height, width, self.side)
        self._array[index, ..., :3] = box.pixels(pixels, fill)
        self._array[index, ..., 3] = box.mask(mask)

    def __getitem__(self, index: int) -> tuple[Pixels, Mask]:
        """Return square ``index``: pixels (side, side, 3) and mask (side, side), both uint8."""
        square = self._array[index]
        return square[..., :3], square[..., 3]

    def batch(self, indices: NDArray[np.integer]) -> NDArray[np.uint8]:
        """Return copies of several squares, shape (n, side, side, 4), uint8: RGB and mask."""
        return np.asarray(self._array[indices])


@dataclass(frozen=True)
class Groups:
    """What is known of each square beside its pixels: what sampling and transfer go by.

    Args:
        hard: whether it is one of the hard group, shape (n,), bool.
        stratum: number of its wing-colour stratum, shape (n,), int64; −1 where there is none.
        source: number of the source that its photograph is from, shape (n,), int64.
    """

    hard: NDArray[np.bool_]
    stratum: NDArray[np.int64]
    source: NDArray[np.int64]

    @classmethod
    def none(cls, count: int) -> Self:
        """Return the groups of ``count`` squares of which nothing is known."""
        return cls(np.zeros(count, bool), np.full(count, -1, np.int64), np.zeros(count, np.int64))
