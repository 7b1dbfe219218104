"""Bringing back an earlier label version: as a new one, so that none is lost or overwritten."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.domain.labelling import RESTORED, LabelVersion, Review
from app.domain.specimens import Crop
from app.errors import NotFound, Refused
from app.services import labelling
from app.services.carrying import Placed, carried_digest
from app.services.labelling import NewMask


@dataclass(frozen=True)
class NewRestoration:
    """What a curator sends. `parent_id` is the label version that they saw, if any."""

    decision_id: str
    version_id: int
    parent_id: int | None


@dataclass(frozen=True)
class Restorable:
    """An earlier mask, and the crop that counts now."""

    mask: Placed
    number: int
    crop: Crop


def find(session: Session, specimen_id: int, wanted: NewRestoration) -> Restorable:
    version = session.get(LabelVersion, wanted.version_id)
    if version is None or version.specimen_id != specimen_id:
        raise NotFound("Specimen {number} has no such label version.", number=specimen_id)
    if wanted.parent_id == version.id:
        raise Refused("Version {number} counts already.", number=version.number)
    crop = labelling.current_crop(session, specimen_id)
    mask = Placed(version.digest, version.crop.placement)
    return Restorable(mask, version.number, crop)


def store(blobs: Blobs, earlier: Restorable) -> str:
    """The mask as the present crop needs it: the same pixels of the photograph."""
    digest = carried_digest(blobs, earlier.mask, earlier.crop.placement)
    if digest is None:
        raise Refused(
            "Nothing of version {number} lies in the present crop, so it cannot be restored.",
            number=earlier.number,
        )
    return digest


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
