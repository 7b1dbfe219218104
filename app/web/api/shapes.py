"""The JSON that the pages' scripts are fed with, and the addresses of pictures in it."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from app.domain.jobs import Job
from app.domain.labelling import HAND, UPLOAD, Candidate, LabelVersion
from app.domain.specimens import Crop, Specimen
from app.services.queueing import Reason, Why
from app.web.rendering import sentence

PREVIEW_SIDE = 1600

TITLES = {
    HAND: "By hand",
    UPLOAD: "Uploaded",
    "border": "Border + Otsu",
    "grabcut": "GrabCut",
    "kanezaki": "Kanezaki",
}


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
    tags: list[str]
    state: str
    why: str
    parent_id: int | None
    crop: CropShape
    candidates: list[CandidateShape]
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
    why: Reason,
) -> ReviewItem:
    return ReviewItem(
        id=specimen.id,
        key=specimen.key,
        source=specimen.source.code,
        tags=list(tags),
        state=specimen.state,
        why=reason_sentence(why),
        parent_id=specimen.version_id,
        crop=crop_shape(crop),
        candidates=[candidate_shape(candidate) for candidate in candidates],
        current=label_shape(current) if current is not None else None,
    )


def title(origin: str) -> str:
    if origin.startswith("model:"):
        return sentence("U-Net {number}", number=origin.removeprefix("model:"))
    return sentence(TITLES.get(origin, origin.replace("-", " ").capitalize()))


def reason_sentence(reason: Reason) -> str:
    match reason.why:
        case Why.UNCERTAIN:
            return sentence("uncertain edge {value:.2f}", value=reason.value)
        case Why.PROMISING:
            return sentence("promising first mask {value:.2f}", value=reason.value)
        case Why.PUT_OFF:
            return sentence("was put off {times:.0f} ×", times=reason.value)
        case Why.NO_CANDIDATE:
            return sentence("needs a hand: no candidate is left")


def blob_url(digest: str) -> str:
    return f"/pictures/blobs/{digest}.png"


def mask_url(digest: str, side: int = PREVIEW_SIDE) -> str:
    return f"/pictures/masks/{digest}.png?side={side}"


def filled_url(crop_digest: str, mask_digest: str, side: int = 320, fill: str = "blue") -> str:
    return f"/pictures/filled/{crop_digest}/{mask_digest}.png?side={side}&fill={fill}"
