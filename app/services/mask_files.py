"""Pictures that people hand in as masks: read, checked, and kept at the crop's size."""

from dataclasses import dataclass
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.decoding.masks import read_outside
from app.domain.labelling import HAND, UPLOAD
from app.domain.photographs import Photograph
from app.domain.specimens import Crop, Specimen
from app.errors import Refused
from ml.imaging.kinds import MaskKind
from ml.imaging.masks import encode_mask
from ml.imaging.outside import OutsideMask, Place


@dataclass(frozen=True)
class MaskFrom:
    """Where a picture comes from, and how it is to be read where a person has said so."""

    origin: str
    name: str = ""
    kind: MaskKind | None = None
    inverted: bool | None = None


def place_of(session: Session, crop: Crop) -> Place:
    """Where the crop lies, which says what size a picture of it may have."""
    size = (
        select(Photograph.height, Photograph.width)
        .join(Specimen, Specimen.photograph_id == Photograph.id)
        .where(Specimen.id == crop.specimen_id)
    )
    height, width = session.execute(size).one()
    return Place(crop.shape, crop.placement, (height, width))


def keep_mask(blobs: Blobs, found: OutsideMask) -> str:
    """Keep what `read_mask` returned; it may be neither empty nor full."""
    return blobs.put(encode_mask(found.checked()))


def read_mask(place: Place, file: IO[bytes] | bytes, come: MaskFrom) -> OutsideMask:
    """Read a picture that somebody edited.

    Raises:
        UnusableMask, UnreadableImage: it cannot be a mask of this crop; the sentence says why.
    """
    if come.origin not in (HAND, UPLOAD):
        raise Refused(
            "A mask comes from a hand or an upload, not from “{origin}”.", origin=come.origin
        )
    return read_outside(file, place, name=come.name, kind=come.kind, inverted=come.inverted)
