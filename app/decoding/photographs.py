"""Photographs as `OpenPhotograph` reads them, by a decoder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import IO

from pydantic import TypeAdapter, ValidationError

from app.decoding.pool import OpenFile, decoders
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.header import ImageHeader
from ml.imaging.photograph import OpenPhotograph
from ml.imaging.read import Note, notes_of, shape_within

_HEADER: TypeAdapter[ImageHeader] = TypeAdapter(ImageHeader)


class InDecoder:
    """What a decoder does with a photograph."""

    def __init__(self, file: IO[bytes], max_pixels: int) -> None:
        self.photograph = OpenPhotograph(file, max_pixels)
        self.about = asdict(self.photograph.header)

    def check(self) -> None:
        self.photograph.check()

    def within(self, side: int) -> Pixels:
        return self.photograph.within(side)

    def whole(self) -> Pixels:
        return self.photograph.whole()

    def region(self, box: list[int]) -> Pixels:
        return self.photograph.region(Box(*box))


class Photograph:
    """A photograph that is open in a decoder; its methods refuse as those of `OpenPhotograph`."""

    def __init__(self, opened: OpenFile) -> None:
        self._opened = opened
        try:
            self.header = _HEADER.validate_python(opened.about)
        except ValidationError:
            raise opened.nonsense() from None

    @property
    def notes(self) -> tuple[Note, ...]:
        return notes_of(self.header)

    @property
    def shape(self) -> tuple[int, int]:
        return self.header.height, self.header.width

    def check(self) -> None:
        """Decode everything once and keep nothing."""
        self._opened.ask("check")

    def within(self, side: int) -> Pixels:
        return self._opened.array("within", (*shape_within(self.shape, side), 3), side=side)

    def region(self, box: Box) -> Pixels:
        edges = [box.left, box.top, box.right, box.bottom]
        return self._opened.array("region", (box.height, box.width, 3), box=edges)

    def whole(self) -> Pixels:
        return self._opened.array("whole", (*self.shape, 3))


@contextmanager
def open_photograph(file: IO[bytes], max_pixels: int) -> Iterator[Photograph]:
    """Open a photograph in a decoder.

    Raises:
        UnreadableImage: as `OpenPhotograph`.
        Refused: it takes too long or too much memory, or breaks the decoder.
    """
    with decoders.opened(InDecoder, file, max_pixels=max_pixels) as opened:
        yield Photograph(opened)
