"""How pictures from outside say what is specimen: five ways, told apart by content and name."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import UnusableMask
from ml.imaging.arrays import Colour
from ml.imaging.decode import as_rgb, decode_stored
from ml.imaging.fills import BLACK, BLUE
from ml.imaging.header import ImageHeader
from ml.imaging.letterbox import WHITE


class MaskKind(StrEnum):
    """What is specimen in a picture, and what is not."""

    MASK = "mask"
    """Black and white, perhaps soft: above 128."""
    CUTOUT = "cutout"
    """Background transparent: alpha at least 128."""
    BLOCKS = "blocks"
    """Background painted black: whatever is not pure black."""
    INVERSE_CUTOUT = "inverse-cutout"
    """Specimen cut away: whatever is pure white or transparent."""
    BLUE = "blue"
    """Background filled blue: whatever is not pure blue."""


SUFFIXES: dict[str, MaskKind | None] = {
    "_mask_painter3d": MaskKind.INVERSE_CUTOUT,
    "_mask_rgbfill": MaskKind.BLUE,
    "_mask_unet": MaskKind.MASK,
    "-removebg-preview": MaskKind.CUTOUT,
    "_cropped": None,
    "_mask": MaskKind.MASK,
    "_rmbg": MaskKind.CUTOUT,
    "_rgb": MaskKind.BLOCKS,
}
"""Endings of stems in lower case, longer ones first, and the kind that each speaks of."""

_GREYISH = 32
"""How far red, green and blue of a black and white picture may lie apart."""
_STRAYS = 0.01
"""Share of coloured pixels that a black and white picture may have."""
_EXTREME = 16
_TWO_TONED = 0.9
"""Share of a soft mask's pixels that lie within ``_EXTREME`` of black or white."""
_PRESENT = 0.01
"""Share of a picture that a colour must fill to be what the name speaks of."""
_MUCH = 0.05
"""The same without a name: photographs have a few white or black pixels of their own."""
_SMEARED = 64
"""How far lossy compression moves a pure colour."""
_SAMPLES = 1_000_000


@dataclass(frozen=True)
class Picture:
    """A decoded picture from outside.

    Args:
        colours: shape (height, width) grey or (height, width, 3) RGB, uint8. Pictures of 0 and 1
            are scaled to 0 and 255.
        alpha: shape (height, width), uint8, where some of it is below and some at least 128.
        is_index: it was a grey picture of 0 and 1.
        is_lossy: it was compressed with loss, so pure colours are not pure.
    """

    colours: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None
    is_index: bool = False
    is_lossy: bool = False

    def cut(self, rows: slice, columns: slice) -> "Picture":
        """Return a part of the picture."""
        alpha = None if self.alpha is None else self.alpha[rows, columns]
        return Picture(self.colours[rows, columns], alpha, self.is_index, self.is_lossy)


def open_picture(data: bytes, header: ImageHeader) -> Picture:
    """Decode a picture file of any accepted kind.

    Raises:
        UnreadableImage: the file is damaged or cut short.
    """
    stored = decode_stored(data, header)
    alpha = _eight_bits(stored[..., -1], header) if header.alpha else None
    if alpha is not None and not alpha.min() < 128 <= alpha.max():
        alpha = None  # it is the same everywhere, so it says nothing
    if header.mode == "grey":
        colours = _eight_bits(stored[..., 0], header)
    else:
        colours = as_rgb(_eight_bits(stored, header), header)
    # What has fewer than 8 bits was spread: 1 became the smallest step.
    step = 255 // (2**header.bits - 1) if header.mode == "grey" and header.bits < 8 else 1
    is_index = step < 255 and int(colours.max()) == step
    if is_index:
        colours = np.where(colours == step, np.uint8(255), np.uint8(0))
    return Picture(np.ascontiguousarray(colours), alpha, is_index, _is_lossy(data, header))


def kind_in(name: str) -> MaskKind | None:
    """Return the kind that a file's name speaks of: by the last of its known endings."""
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()
    while (suffix := next((end for end in SUFFIXES if stem.endswith(end)), None)) is not None:
        if SUFFIXES[suffix] is not None:
            return SUFFIXES[suffix]
        stem = stem.removesuffix(suffix)
    return None


def recognise(picture: Picture, name: str = "") -> MaskKind | None:
    """Return the kind of a picture, or nothing where it does not say what is specimen.

    What the content leaves no doubt of counts more than the name: transparency is a cut-out, or an
    inverse one where the border is opaque; black and white is a mask; a border of pure blue or
    black is a background. The name decides where transparency is at the border and inside alike,
    between the pure colours that a picture has besides, and that a grey picture is a soft mask.

    Args:
        picture: only what lies in the crop; bands and surroundings would count as its border.
        name: of the file, with its endings.
    """
    told = kind_in(name)
    if picture.alpha is not None:
        return _kind_of_transparent(picture.alpha, told)
    if _is_two_toned(picture.colours, at_least=0.0 if told is MaskKind.MASK else _TWO_TONED):
        hidden = told is MaskKind.BLOCKS and int(picture.colours.max()) <= 128
        return MaskKind.BLOCKS if hidden else MaskKind.MASK
    if picture.colours.ndim == 2:
        picture = Picture(_in_colour(picture.colours), None, is_lossy=picture.is_lossy)
    return _kind_of_coloured(picture, told)


def specimen_of(picture: Picture, kind: MaskKind) -> NDArray[np.bool_]:
    """Return where the specimen is when the picture is read as a kind: (height, width) bool.

    Raises:
        UnusableMask: the picture cannot be of that kind.
    """
    opaque = picture.alpha is None or picture.alpha >= 128
    match kind:
        case MaskKind.MASK:
            specimen = _is_light(picture.colours)
        case MaskKind.CUTOUT:
            if picture.alpha is None:
                raise UnusableMask(
                    "The picture has no transparent background, so it is no cut-out. Say of which "
                    "other kind it is, or save the cut-out as a PNG."
                )
            specimen = picture.alpha >= 128
        case MaskKind.BLOCKS:
            _refuse_smeared(picture)
            specimen = ~_is(picture, BLACK) & opaque
        case MaskKind.INVERSE_CUTOUT:
            _refuse_smeared(picture)
            specimen = _is(picture, WHITE) | ~np.asarray(opaque)
        case MaskKind.BLUE:
            specimen = ~_is(picture, BLUE) & opaque
    return specimen


def border_of(picture: NDArray[Any]) -> NDArray[Any]:
    """Return the outermost pixels of a (height, width) array, the corners twice."""
    sides = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    return np.concatenate(sides)


def _kind_of_transparent(alpha: NDArray[np.uint8], told: MaskKind | None) -> MaskKind:
    clear = float(border_of(alpha < 128).mean())
    if told in (MaskKind.CUTOUT, MaskKind.INVERSE_CUTOUT) and 0.1 <= clear <= 0.9:
        return told
    return MaskKind.CUTOUT if clear >= 0.5 else MaskKind.INVERSE_CUTOUT


def _kind_of_coloured(picture: Picture, told: MaskKind | None) -> MaskKind | None:
    pure = {
        MaskKind.BLUE: _is(picture, BLUE),
        MaskKind.BLOCKS: _is(picture, BLACK),
        MaskKind.INVERSE_CUTOUT: _is(picture, WHITE),
    }
    share = {kind: float(where.mean()) for kind, where in pure.items()}
    border = {kind: float(border_of(where).mean()) for kind, where in pure.items()}
    if border[MaskKind.BLUE] >= 0.5:
        return MaskKind.BLUE
    if told in pure and share[told] >= _PRESENT:
        return told
    if border[MaskKind.BLOCKS] >= 0.5:
        return MaskKind.BLOCKS
    if share[MaskKind.BLUE] >= _MUCH:
        return MaskKind.BLUE
    if share[MaskKind.INVERSE_CUTOUT] >= _MUCH and border[MaskKind.INVERSE_CUTOUT] < 0.5:
        return MaskKind.INVERSE_CUTOUT
    return None


def _is_two_toned(colours: NDArray[np.uint8], at_least: float) -> bool:
    step = max(1, int(np.sqrt(colours.shape[0] * colours.shape[1] / _SAMPLES)))
    sample = colours[::step, ::step]
    if sample.ndim == 3:
        if float((np.ptp(sample, axis=2) > _GREYISH).mean()) > _STRAYS:
            return False
        sample = sample.max(axis=2)
    tones = np.bincount(sample.ravel(), minlength=256)
    if np.count_nonzero(tones) <= 4:
        return True
    return bool(tones[:_EXTREME].sum() + tones[-_EXTREME:].sum() >= at_least * tones.sum())


def _is_light(colours: NDArray[np.uint8]) -> NDArray[np.bool_]:
    if colours.ndim == 2:
        return colours > 128
    return np.asarray(colours.sum(axis=2, dtype=np.uint16) > 3 * 128)


def _is(picture: Picture, colour: Colour) -> NDArray[np.bool_]:
    colours = _in_colour(picture.colours)
    spread = _SMEARED if picture.is_lossy else 0
    low = [max(0, value - spread) for value in colour]
    high = [min(255, value + spread) for value in colour]
    return cv2.inRange(colours, np.array(low), np.array(high)).view(np.bool_)


def _in_colour(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return colours if colours.ndim == 3 else np.repeat(colours[..., None], 3, axis=2)


def _refuse_smeared(picture: Picture) -> None:
    # Blue is far from every moth; black and white are not, and smeared they reach into the wings.
    if picture.is_lossy and picture.alpha is None:
        raise UnusableMask(
            "The picture was saved as JPEG, which smears pure black and white into their "
            "surroundings. Save it as PNG, or hand in a mask in black and white."
        )


def _eight_bits(channels: NDArray[np.generic], header: ImageHeader) -> NDArray[np.uint8]:
    if channels.dtype == np.uint8:
        return np.asarray(channels, np.uint8)
    values = np.asarray(channels, np.uint16)
    if int(values.max()) <= 255:  # 8-bit values in a file of 16 bits
        return values.astype(np.uint8)
    return (values >> (header.bits - 8)).astype(np.uint8)


def _is_lossy(data: bytes, header: ImageHeader) -> bool:
    return header.format == "JPEG" or (header.format == "WebP" and b"VP8L" not in data[:4096])
