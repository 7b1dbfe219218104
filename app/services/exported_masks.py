"""Which label versions each export holds, noted when its archive is stored."""

from collections.abc import Iterator, Sequence

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.domain.exports import ExportedMask

PER_TRANSACTION = 5000

Exported = tuple[int, str]
"""A label version, and the digest of its mask as a PNG in the archive."""


def chunks(masks: Sequence[Exported]) -> Iterator[Sequence[Exported]]:
    return (
        masks[first : first + PER_TRANSACTION] for first in range(0, len(masks), PER_TRANSACTION)
    )


def keep(session: Session, job_id: int, masks: Sequence[Exported]) -> None:
    rows = [{"job_id": job_id, "version_id": version, "digest": mask} for version, mask in masks]
    session.execute(insert(ExportedMask), rows)


def forget(session: Session, job_id: int) -> None:
    """An attempt before this one was killed while it noted them."""
    session.execute(delete(ExportedMask).where(ExportedMask.job_id == job_id))
