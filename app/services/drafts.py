"""Unfinished hand work: one draft per person and specimen, replaced as the hand goes on."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import now
from app.domain.labelling import Draft
from app.domain.specimens import Crop
from app.errors import Conflict, Refused
from ml.imaging.masks import decode_mask


def find(session: Session, person_id: int, specimen_id: int) -> Draft | None:
    return session.scalar(
        select(Draft).where(Draft.person_id == person_id, Draft.specimen_id == specimen_id)
    )


def save(session: Session, person_id: int, crop: Crop, digest: str, parent_id: int | None) -> Draft:
    draft = find(session, person_id, crop.specimen_id)
    if draft is None:
        draft = Draft(
            specimen_id=crop.specimen_id,
            person_id=person_id,
            crop_id=crop.id,
            digest=digest,
            updated_at=now(session),
        )
        session.add(draft)
    draft.crop_id, draft.digest, draft.parent_id = crop.id, digest, parent_id
    draft.updated_at = now(session)
    return draft


def expect_none_newer(session: Session, person_id: int, specimen_id: int, moment: datetime) -> None:
    """Raise Conflict where the person has drawn on since, in another browser."""
    draft = find(session, person_id, specimen_id)
    if draft is not None and draft.updated_at > moment:
        raise Conflict("You have a newer draft of this specimen.")


def remove(session: Session, person_id: int, specimen_id: int) -> None:
    session.execute(
        delete(Draft).where(Draft.person_id == person_id, Draft.specimen_id == specimen_id)
    )


def store(blobs: Blobs, crop: Crop, data: bytes) -> str:
    """Keep the drawn mask; unlike a label it may still be empty."""
    mask = decode_mask(data)
    if mask.shape != crop.shape:
        raise Refused(
            "The draft has {found} pixels, the crop {wanted}.", found=mask.shape, wanted=crop.shape
        )
    return blobs.put(data)
