"""Unfinished hand work: one draft per person and specimen, replaced as the hand goes on."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import now
from app.domain.labelling import Draft
from app.domain.specimens import Crop
from app.errors import Conflict, Refused
from app.services import people
from ml.imaging.masks import decode_mask
from ml.imaging.read import read_header


def find(session: Session, person_id: int, specimen_id: int) -> Draft | None:
    return session.scalar(
        select(Draft).where(Draft.person_id == person_id, Draft.specimen_id == specimen_id)
    )


def save(
    session: Session,
    person_id: int,
    crop: Crop,
    digest: str,
    parent_id: int | None,
    drawn_at: datetime | None = None,
) -> None:
    """Keep a draft in place of the one before.

    Raises:
        Conflict: it was drawn at `drawn_at`, and the person has drawn on since in another browser.
    """
    people.lock(session, person_id)
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
    elif drawn_at is not None and draft.updated_at > drawn_at:
        raise Conflict("You have a newer draft of this specimen.")
    draft.crop_id, draft.digest, draft.parent_id = crop.id, digest, parent_id
    draft.updated_at = now(session)


def remove(session: Session, person_id: int, specimen_id: int) -> None:
    session.execute(
        delete(Draft).where(Draft.person_id == person_id, Draft.specimen_id == specimen_id)
    )


def store(blobs: Blobs, crop: Crop, data: bytes) -> str:
    """Keep the drawn mask; unlike a label it may still be empty."""
    header, (height, width) = read_header(data), crop.shape
    if (header.height, header.width) != (height, width):
        raise Refused(
            "The draft has {found_width} × {found_height} pixels, but the crop has {width} × "
            "{height}. Reload the page to draw on the present crop.",
            found_width=header.width,
            found_height=header.height,
            width=width,
            height=height,
        )
    decode_mask(data)  # or it is refused
    return blobs.put(data)
