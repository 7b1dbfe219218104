"""Crops: what a detector found on a photograph becomes the first crop of its specimen."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.jobs import PartKind
from app.domain.photographs import Photograph, Source
from app.domain.specimens import Crop, Specimen
from app.services import jobs
from app.services.labelling import lock_specimen
from ml.imaging.boxes import Box

PREVIEW_SIDE = 1600
"""Pixels of the long side, at most, of what the review page shows first."""


@dataclass(frozen=True)
class Search:
    """Where a specimen is to be looked for, and how its box grows."""

    digest: str
    scale_w: float
    scale_ht: float
    scale_hb: float
    half_split: bool


@dataclass(frozen=True)
class NewCrop:
    box: Box
    found: Box
    """As the detector gave it, before it grew."""
    confidence: float
    origin: str
    digest: str
    preview_digest: str


def search_for(session: Session, specimen_id: int) -> Search | None:
    """Return what a detector has to know, or nothing if it has looked already."""
    found = session.execute(
        select(Photograph.digest, Source)
        .join(Specimen, Specimen.photograph_id == Photograph.id)
        .join(Source, Source.id == Specimen.source_id)
        .where(Specimen.id == specimen_id, Specimen.searched.is_(False), Specimen.crop_id.is_(None))
    ).one_or_none()
    if found is None:
        return None
    digest, source = found
    return Search(digest, source.scale_w, source.scale_ht, source.scale_hb, source.half_split)


def store_first(session: Session, job_id: int, specimen_id: int, found: NewCrop | None) -> None:
    """Give the specimen its first crop and have masks proposed, or note that nothing was found."""
    specimen = lock_specimen(session, specimen_id)
    if specimen.searched or specimen.crop_id is not None:
        return
    specimen.searched = True
    if found is not None:
        specimen.crop_id = _add_crop(session, specimen, found).id
        jobs.add_part(session, job_id, PartKind.PROPOSE, {"specimen": specimen.id})
    specimen.settle()


def _add_crop(session: Session, specimen: Specimen, found: NewCrop) -> Crop:
    crop = Crop(
        specimen_id=specimen.id,
        number=1,
        left=found.box.left,
        top=found.box.top,
        right=found.box.right,
        bottom=found.box.bottom,
        found_box=[found.found.left, found.found.top, found.found.right, found.found.bottom],
        confidence=found.confidence,
        origin=found.origin,
        digest=found.digest,
        preview_digest=found.preview_digest,
        created_at=now(session),
    )
    session.add(crop)
    session.flush()
    return crop
