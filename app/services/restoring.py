"""Bringing back an earlier label version: as a new one, so that none is lost or overwritten."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.domain.labelling import RESTORED, LabelVersion, Review
from app.domain.specimens import Crop
from app.errors import NotFound, Refused
from app.services import labelling
from app.services.labelling import NewMask
from ml.imaging.boxes import Box
from ml.imaging.frame import carried
from ml.imaging.masks import decode_mask, encode_mask


@dataclass(frozen=True)
class NewRestoration:
    """What a curator sends. `parent_id` is the label version that they saw, if any."""

    decision_id: str
    version_id: int
    parent_id: int | None


@dataclass(frozen=True)
class Restorable:
    """An earlier mask, the box it was made for, and the crop that counts now."""

    digest: str
    number: int
    box: Box
    crop: Crop


def find(session: Session, specimen_id: int, wanted: NewRestoration) -> Restorable:
    version = session.get(LabelVersion, wanted.version_id)
    if version is None or version.specimen_id != specimen_id:
        raise NotFound("Specimen {number} has no such label version.", number=specimen_id)
    if wanted.parent_id == version.id:
        raise Refused("Version {number} counts already.", number=version.number)
    crop = labelling.current_crop(session, specimen_id)
    return Restorable(version.digest, version.number, version.crop.box, crop)


def store(blobs: Blobs, earlier: Restorable) -> str:
    """The mask as the present crop needs it: the same pixels of the photograph."""
    box = earlier.crop.box
    if earlier.box == box:
        return earlier.digest
    mask = carried(decode_mask(blobs.read(earlier.digest)), earlier.box, box)
    if not mask.any():
        raise Refused(
            "Nothing of version {number} lies in the present crop, so it cannot be restored.",
            number=earlier.number,
        )
    return blobs.put(encode_mask(mask))


def restore(
    session: Session,
    person_id: int,
    specimen_id: int,
    wanted: NewRestoration,
    *,
    digest: str,
    crop_id: int,
) -> Review:
    """Make the next version of a mask that `store` has prepared, if the label is still the same."""
    mask = NewMask(
        decision_id=wanted.decision_id,
        origin=RESTORED,
        digest=digest,
        crop_id=crop_id,
        parent_id=wanted.parent_id,
        restores_id=wanted.version_id,
    )
    return labelling.save_mask(session, person_id, specimen_id, mask)
