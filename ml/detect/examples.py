"""What a detector learns from: photographs with boxes, kept small while it trains."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.read import fit_within
from ml.progress import OnProgress, Progress

Boxes = NDArray[np.float32]
"""Shape (boxes, 4), float32: left, top, right, bottom in pixels."""


@dataclass(frozen=True)
class Example:
    """A photograph with everything on it that is a specimen.

    Args:
        read: gives the photograph, (height, width, 3) uint8 RGB, or None where it cannot be
            read any more and shall be left out; called once.
        boxes: of all its specimens, un-enlarged, in its pixels; none on a photograph without.
    """

    read: Callable[[], Pixels | None]
    boxes: tuple[Box, ...]


class SmallPhotographs:
    """Photographs scaled down once, in a file that only its process sees, not in memory.

    Args:
        examples: read one after the other.
        side: longest side that is kept, in pixels.
        on_progress: called after each; it may raise to end the work.
    """

    def __init__(self, examples: Sequence[Example], side: int, on_progress: OnProgress) -> None:
        """Read, scale and keep all photographs."""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- it lasts as long as this object
        self._places: list[tuple[int, tuple[int, ...]]] = []
        self._boxes: list[Boxes] = []
        for done, example in enumerate(examples, start=1):
            self._keep(example, side)
            on_progress(Progress("read", done, len(examples)))
        self._file.flush()

    def __len__(self) -> int:
        """How many photographs there are: those that could be read."""
        return len(self._places)

    def __getitem__(self, index: int) -> tuple[Pixels, Boxes]:
        """Return the pixels, (height, width, 3) uint8, read-only, and boxes in them."""
        offset, shape = self._places[index]
        pixels = np.memmap(self._file, np.uint8, "r", offset, shape)
        return np.asarray(pixels), self._boxes[index]

    def _keep(self, example: Example, side: int) -> None:
        pixels = example.read()
        if pixels is None:
            return
        small = np.ascontiguousarray(fit_within(pixels, side))
        scale = max(small.shape) / max(pixels.shape)
        corners = [(box.left, box.top, box.right, box.bottom) for box in example.boxes]
        self._places.append((self._file.tell(), small.shape))
        self._boxes.append(np.array(corners, np.float32).reshape(-1, 4) * np.float32(scale))
        self._file.write(small.tobytes())
