"""Which label version a mask file is: by its pixels, its place in the photograph, or its name."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from sqlalchemy import Select, select, union
from sqlalchemy.orm import Session, joinedload

from app.blobs import chunks_of, digest_of
from app.db import Database
from app.decoding.masks import read_outside
from app.domain.exports import ExportedMask
from app.domain.labelling import LabelVersion
from app.domain.specimens import Specimen
from app.services import mask_matching
from ml.errors import UnusableMask
from ml.imaging.arrays import Mask
from ml.imaging.masks import encode_mask
from ml.imaging.outside import Place

MOST = 50
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"(?:version[ -]?)?(\d{1,9})")


class How(StrEnum):
    """By what a version was found, the surest first."""

    PIXELS = "pixels"
    """The file has the very mask, or is the one that an export wrote."""
    PLACE = "place"
    """Cut to the crop's place, it is the very mask."""
    NUMBER = "number"
    NAME = "name"
    """The specimen is called so, and this is its label now; its pixels are others."""


@dataclass(frozen=True)
class Match:
    version: LabelVersion
    how: How


def by_text(session: Session, text: str) -> list[Match]:
    """Find versions by a digest, a version's number or a file name, whichever the text is."""
    text = text.strip()
    if _DIGEST.fullmatch(text.lower()):
        return _by_digests(session, {text.lower()})
    number = _NUMBER.fullmatch(text.lower())
    if number and (found := by_numbers(session, [int(number[1])], How.NUMBER)):
        return found
    return _by_name(session, _called(session, text)) if text else []


def by_numbers(session: Session, ids: Sequence[int | None], how: How) -> list[Match]:
    found = session.scalars(_all().where(LabelVersion.id.in_(ids)).limit(MOST)).all()
    return [Match(version, how) for version in found]


def by_file(database: Database, name: str, file: IO[bytes]) -> list[Match]:
    """Find versions by a file that an export wrote, whatever has stored it anew since.

    Raises:
        UnreadableImage: the bytes are no picture.
    """
    digests = {digest_of(chunks_of(file)), *_own_masks(name, file)}
    with database.reading() as session:
        if found := _by_digests(session, digests):
            return found
        ids = _called(session, name)
        return _by_place(session, ids, name, file) or _by_name(session, ids)


def _own_masks(name: str, file: IO[bytes]) -> Iterator[str]:
    """The digest of the mask that the picture is by itself."""
    mask = _read(name, file, None)
    if mask is not None:
        yield _digest(mask)


def _read(name: str, file: IO[bytes], place: Place | None) -> Mask | None:
    try:
        return read_outside(file, place, name=name).mask
    except UnusableMask:
        return None  # nobody said that it is a mask: a name may still lead on


def _by_digests(session: Session, digests: set[str]) -> list[Match]:
    ids = union(
        select(LabelVersion.id).where(LabelVersion.digest.in_(digests)),
        select(ExportedMask.version_id).where(ExportedMask.digest.in_(digests)),
    )
    return by_numbers(session, session.scalars(ids.limit(MOST)).all(), How.PIXELS)


def _by_place(session: Session, ids: Sequence[int], name: str, file: IO[bytes]) -> list[Match]:
    """A picture of the photograph's size holds the crop; versions may have had different crops."""
    versions = session.scalars(_all().where(LabelVersion.specimen_id.in_(ids)).limit(MOST)).all()
    masks = {each.crop_id: _read(name, file, _place(each)) for each in versions}
    digests = {crop: _digest(mask) for crop, mask in masks.items() if mask is not None}
    return [Match(each, How.PLACE) for each in versions if digests.get(each.crop_id) == each.digest]


def _place(version: LabelVersion) -> Place:
    crop, photograph = version.crop, version.specimen.photograph
    return Place(crop.shape, crop.placement, (photograph.height, photograph.width))


def _by_name(session: Session, ids: Sequence[int]) -> list[Match]:
    """The label that counts now of specimens that are called so."""
    current = select(Specimen.version_id).where(
        Specimen.id.in_(ids), Specimen.version_id.is_not(None)
    )
    return by_numbers(session, session.scalars(current.limit(MOST)).all(), How.NAME)


def _called(session: Session, name: str) -> list[int]:
    return mask_matching.match(session, [name])[0].specimen_ids


def _all() -> Select[LabelVersion]:
    return (
        select(LabelVersion)
        .options(
            joinedload(LabelVersion.person),
            joinedload(LabelVersion.crop),
            joinedload(LabelVersion.specimen).options(
                joinedload(Specimen.source), joinedload(Specimen.photograph)
            ),
        )
        .order_by(LabelVersion.id.desc())
    )


def _digest(mask: Mask) -> str:
    return hashlib.sha256(encode_mask(mask)).hexdigest()
