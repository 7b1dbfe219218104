"""The JSON that the pages' scripts are fed with, and the addresses of pictures in it."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from app.domain.jobs import Job
from app.domain.labelling import Candidate, LabelVersion
from app.domain.specimens import Crop, Specimen
from app.services.calibrating import Standing
from app.services.queueing import Reason
from app.web.addresses import blob_url, mask_url
from app.web.wording import order_sentence, reason_sentence, title


class CropShape(BaseModel):
    id: int
    width: int
    height: int
    picture: str
    full: str


class CandidateShape(BaseModel):
    id: int
    origin: str
    title: str
    agreeing: list[str]
    score: float
    uncertainty: float | None
    mask: str
    mask_full: str


class LabelShape(BaseModel):
    version_id: int
    number: int
    person: str
    origin: str
    title: str
    created_at: datetime
    mask: str
    mask_full: str


class ReviewItem(BaseModel):
    id: int
    key: str
    source: str
    taxon: str
    tags: list[str]
    state: str
    why: str
    parent_id: int | None
    crop: CropShape
    candidates: list[CandidateShape]
    order: str
    """What their order rests on, in words."""
    current: LabelShape | None


class JobShape(BaseModel):
    id: int
    kind: str
    state: str
    message: str
    page: str


def job_shape(job: Job) -> JobShape:
    page = f"/jobs/{job.id}"
    return JobShape(id=job.id, kind=job.kind, state=job.state, message=job.message, page=page)


def crop_shape(crop: Crop) -> CropShape:
    height, width = crop.shape
    return CropShape(
        id=crop.id,
        width=width,
        height=height,
        picture=blob_url(crop.preview_digest),
        full=blob_url(crop.digest),
    )


def candidate_shape(candidate: Candidate) -> CandidateShape:
    return CandidateShape(
        id=candidate.id,
        origin=candidate.origin,
        title=title(candidate.origin),
        agreeing=[title(origin) for origin in candidate.agreeing],
        score=candidate.score,
        uncertainty=candidate.uncertainty,
        mask=mask_url(candidate.digest),
        mask_full=blob_url(candidate.digest),
    )


def label_shape(version: LabelVersion) -> LabelShape:
    return LabelShape(
        version_id=version.id,
        number=version.number,
        person=version.person.name,
        origin=version.origin,
        title=title(version.origin),
        created_at=version.created_at,
        mask=mask_url(version.digest),
        mask_full=blob_url(version.digest),
    )


def current_label(version: LabelVersion | None) -> dict[str, object] | None:
    return label_shape(version).model_dump(mode="json") if version is not None else None


def review_item(
    specimen: Specimen,
    crop: Crop,
    candidates: Sequence[Candidate],
    current: LabelVersion | None,
    tags: Sequence[str],
    taxon: str,
    why: Reason,
    order: Standing | None,
) -> ReviewItem:
    return ReviewItem(
        id=specimen.id,
        key=specimen.key,
        source=specimen.source.code,
        taxon=taxon,
        tags=list(tags),
        state=specimen.state,
        why=reason_sentence(why),
        parent_id=specimen.version_id,
        crop=crop_shape(crop),
        candidates=[candidate_shape(candidate) for candidate in candidates],
        order=order_sentence(order),
        current=label_shape(current) if current is not None else None,
    )
