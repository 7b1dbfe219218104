"""Masks that were made outside: any kind of picture, at the crop's size or one that leads to it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.errors import UnusableMask
from ml.imaging.arrays import SPECIMEN, Mask
from ml.imaging.decode import decode_stored
from ml.imaging.frame import Placement, carried
from ml.imaging.header import ImageHeader, read_header
from ml.imaging.kinds import (
    MaskKind,
    Picture,
    border_of,
    open_picture,
    recognise,
    specimen_of,
)
from ml.imaging.letterbox import Letterbox

SQUARE = 256
"""Side of the square in which the lab's networks saw a crop, in pixels."""


class WrongSize(UnusableMask):
    """The picture has neither the crop's size nor one that leads to it."""


class EmptyMask(UnusableMask):
    """All of the picture is background, or all of it is specimen."""


@dataclass(frozen=True)
class Place:
    """Where a crop lies, which says what size a picture of it may have.

    Args:
        shape: (height, width) of the crop.
        placement: of the crop on its photograph.
        photograph: (height, width) of the photograph.
    """

    shape: tuple[int, int]
    placement: Placement | None = None
    photograph: tuple[int, int] | None = None


@dataclass(frozen=True)
class OutsideMask:
    """What was read from a picture.

    Args:
        kind: how the picture was read.
        inverted: whether specimen and background were exchanged afterwards.
        mask: shape (height, width) of the crop, uint8, only 0 and 255.
    """

    kind: MaskKind
    inverted: bool
    mask: Mask

    @property
    def looks_inverted(self) -> bool:
        """Whether most of the border is specimen, which a moth in its crop hardly ever is."""
        return self.kind is MaskKind.MASK and _is_mostly_specimen(border_of(self.mask))

    def checked(self) -> Mask:
        """Return the mask if it can be one.

        Raises:
            EmptyMask: it is all specimen or all background.
        """
        some, everything = bool(self.mask.any()), bool(self.mask.all())
        if some and not everything:
            return self.mask
        if self.kind is MaskKind.MASK:
            raise EmptyMask(_ALL_WHITE if some else _ALL_BLACK)
        raise EmptyMask(_ALL_SPECIMEN if some else _NO_SPECIMEN)


_ALL_BLACK = "The mask is all black: paint the specimen white on black."
_ALL_WHITE = "The mask is all white: paint the background black around the specimen."
_NO_SPECIMEN = "Read as this kind, the picture has no specimen. Say of which other kind it is."
_ALL_SPECIMEN = "Read as this kind, the picture is all specimen. Say of which other kind it is."


def read_outside(
    data: bytes,
    place: Place,
    *,
    name: str = "",
    kind: MaskKind | None = None,
    inverted: bool | None = None,
) -> OutsideMask:
    """Return the mask that a picture file holds, at the crop's own size.

    A picture of the crop's size is taken pixel by pixel, one of the photograph's size is cut to the
    crop's box, and one of 256 × 256 is taken for the crop letter-boxed and mapped back bilinearly;
    where several fit, the first counts. A one-channel picture of 0 and 255 is never changed, an
    index mask of 0 and 1 with specimen along most of its border is taken for inverted.

    JPEG smears pure colours: masks in black and white and blue-filled pictures are read with a
    tolerance, the kinds that turn on pure black or white are refused.

    Args:
        data: a picture file of any accepted kind.
        place: where the crop lies.
        name: of the file; its endings help to tell the kind.
        kind: how to read it; recognised if not given.
        inverted: whether specimen and background are exchanged; decided here if not given.

    Raises:
        UnreadableImage: the bytes are no picture that can be used.
        WrongSize: the size is none of the three.
        UnusableMask: the kind cannot be told, or is not what the picture is.
    """
    header = read_header(data)
    inner = _inner(header, place)
    ours = kind in (None, MaskKind.MASK) and inner == place.shape
    if ours and (mask := _as_stored(data, header)) is not None:
        found = OutsideMask(MaskKind.MASK, False, mask)
        return _exchanged(found) if inverted else found
    picture = open_picture(data, header)
    if not isinstance(inner, tuple):
        picture = picture.cut(*_slices(inner, picture.colours.shape))
    kind = kind or _told(picture, name)
    specimen = specimen_of(picture, kind)
    found = OutsideMask(kind, False, _mask(specimen, inner, header))
    if inverted is None:
        inverted = picture.is_index and found.looks_inverted and not found.mask.all()
    return _exchanged(found) if inverted else found


Inner = tuple[int, int] | Placement | Letterbox
"""What of the picture is the crop: all of it, a place in it, or what a letter-box holds."""


def _inner(header: ImageHeader, place: Place) -> Inner:
    shape = header.height, header.width
    if shape == place.shape:
        return shape
    if shape == place.photograph and place.placement is not None:
        return place.placement
    if shape == (SQUARE, SQUARE):
        return Letterbox(*place.shape, SQUARE)
    height, width = place.photograph or place.shape
    raise WrongSize(
        "The picture has {width} × {height} pixels, but the crop has {crop_width} × {crop_height} "
        "and the photograph {photograph_width} × {photograph_height}. Hand in one of these two "
        "sizes, or the crop in a square of 256 × 256, without resizing it otherwise.",
        width=header.width,
        height=header.height,
        crop_width=place.shape[1],
        crop_height=place.shape[0],
        photograph_width=width,
        photograph_height=height,
    )


def _slices(inner: Placement | Letterbox, shape: tuple[int, ...]) -> tuple[slice, slice]:
    if isinstance(inner, Placement):
        seen = inner.bounds.clamped(shape[1], shape[0])
        return slice(seen.top, seen.bottom), slice(seen.left, seen.right)
    bottom, right = inner.top + inner.inner_height, inner.left + inner.inner_width
    return slice(inner.top, bottom), slice(inner.left, right)


def _as_stored(data: bytes, header: ImageHeader) -> Mask | None:
    """The pixels of a one-channel PNG of 0 and 255, which is what the editor and exports write."""
    is_ours = header.format == "PNG" and header.mode == "grey" and header.bits == 8
    if not is_ours or header.alpha:
        return None
    pixels = np.asarray(decode_stored(data, header)[..., 0], np.uint8)
    # 255 + 1 wraps to 0, so that only 0 and 255 end below 2.
    return None if ((pixels + np.uint8(1)) > 1).any() else pixels


def _told(picture: Picture, name: str) -> MaskKind:
    kind = recognise(picture, name)
    if kind is None:
        raise UnusableMask(
            "The picture does not say what is specimen. Hand in a mask in black and white, a "
            "cut-out with a transparent background, or the background filled with pure blue."
        )
    return kind


def _mask(specimen: NDArray[np.bool_], inner: Inner, header: ImageHeader) -> Mask:
    mask = specimen.view(np.uint8) * np.uint8(SPECIMEN)
    if isinstance(inner, Placement):
        seen = inner.bounds.clamped(header.width, header.height)
        return carried(mask, Placement(seen), inner)
    if not isinstance(inner, Letterbox):
        return mask
    square = np.zeros((SQUARE, SQUARE), np.float32)
    rows, columns = _slices(inner, square.shape)
    square[rows, columns] = mask
    return (inner.back(square) >= SPECIMEN / 2).view(np.uint8) * np.uint8(SPECIMEN)


def _exchanged(found: OutsideMask) -> OutsideMask:
    return replace(found, inverted=True, mask=SPECIMEN - found.mask)


def _is_mostly_specimen(border: NDArray[np.generic]) -> bool:
    return bool(np.count_nonzero(border) * 2 > border.size)
