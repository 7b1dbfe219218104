"""Pictures that are handed in as masks, read by a decoder."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any

from pydantic import TypeAdapter

from app.decoding.pool import decoders
from app.errors import Refused
from ml.imaging.arrays import Mask
from ml.imaging.header import read_header, read_whole
from ml.imaging.kinds import MaskKind
from ml.imaging.masks import decode_mask
from ml.imaging.outside import OutsideMask, Place
from ml.imaging.outside import read_outside as read_here

_PLACE: TypeAdapter[Place] = TypeAdapter(Place)


class OutsideInDecoder:
    """A picture of any kind; without a place its own size is the one that it should have."""

    def __init__(
        self,
        file: IO[bytes],
        place: dict[str, Any] | None,
        name: str,
        kind: str | None,
        inverted: bool | None,
    ) -> None:
        data = read_whole(file)
        fits = _PLACE.validate_python(place) if place is not None else _own_place(data)
        wanted = MaskKind(kind) if kind is not None else None
        self.found = read_here(data, fits, name=name, kind=wanted, inverted=inverted)
        self.about = {
            "kind": self.found.kind.value,
            "inverted": self.found.inverted,
        }

    def mask(self) -> Mask:
        return self.found.mask


class StoredInDecoder:
    """A mask as we write them ourselves."""

    def __init__(self, file: IO[bytes], shape: Sequence[int]) -> None:
        data = read_whole(file)
        header, (height, width) = read_header(data), shape
        if (header.height, header.width) != (height, width):
            raise Refused(
                "The draft has {found_width} × {found_height} pixels, but the crop has {width} × "
                "{height}. Reload the page to draw on the present crop.",
                found_width=header.width,
                found_height=header.height,
                width=width,
                height=height,
            )
        self.stored, self.about = decode_mask(data), None

    def mask(self) -> Mask:
        return self.stored


def read_outside(
    file: IO[bytes] | bytes,
    place: Place | None,
    *,
    name: str = "",
    kind: MaskKind | None = None,
    inverted: bool | None = None,
) -> OutsideMask:
    """What `ml.imaging.outside.read_outside` returns.

    Raises:
        UnreadableImage, UnusableMask: as there.
        Refused: it takes too long or too much memory, or breaks the decoder.
    """
    given = {
        "place": asdict(place) if place is not None else None,
        "name": name,
        "kind": kind,
        "inverted": inverted,
    }
    with decoders.opened(OutsideInDecoder, file, **given) as opened:
        shape = place.shape if place is not None else None
        mask = opened.array("mask", shape)
        try:
            return OutsideMask(MaskKind(opened.about["kind"]), opened.about["inverted"], mask)
        except (LookupError, TypeError, ValueError):
            raise opened.nonsense() from None


def read_drawn(file: IO[bytes] | bytes, shape: tuple[int, int]) -> Mask:
    """A mask that the editor has sent, of the crop's size; unlike a label it may be empty.

    Raises:
        UnreadableImage, UnusableMask: it is no mask of ours.
        Refused: its size is another; or as `read_outside`.
    """
    with decoders.opened(StoredInDecoder, file, shape=shape) as opened:
        return opened.array("mask", shape)


def _own_place(data: bytes) -> Place:
    header = read_header(data)
    return Place((header.height, header.width))
