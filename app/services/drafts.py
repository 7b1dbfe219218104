"""Unfinished hand work: one draft per person and specimen, replaced as the hand goes on."""

from datetime import datetime
from typing import IO

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import now
from app.decoding.masks import read_drawn
from app.domain.labelling import Draft
from app.domain.specimens import Crop
from app.errors import Conflict
from app.services import people
from ml.imaging.masks import encode_mask


def find(session: Session, person_id: int, specimen_id: int) -> Draft | None:
    return session.scalar(_of(person_id, specimen_id))


def _of(person_id: int, specimen_id: int) -> Select[Draft]:
    return select(Draft).where(Draft.person_id == person_id, Draft.specimen_id == specimen_id)


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
    # Locked, as another window may save the version that ends the draft.
    draft = session.scalar(_of(person_id, crop.specimen_id).with_for_update())
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


def store(blobs: Blobs, crop: Crop, file: IO[bytes]) -> str:
    """Keep the drawn mask; unlike a label it may still be empty."""
    return blobs.put(encode_mask(read_drawn(file, crop.shape)))
