"""Masks from files: handed in, looked at, corrected, and taken as versions or candidates."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.domain.mask_imports import MaskFile, MaskKind, MaskOutcome, TakenAs
from app.domain.specimens import Specimen
from app.services import mask_corrections, mask_imports, mask_taking
from app.services.mask_corrections import Correction
from app.services.mask_taking import Wanted
from app.web.access import BlobsDep, Curator, DatabaseDep, Reading, Viewer, Writing
from app.web.addresses import crop_url, filled_url
from app.web.api.shapes import JobShape, job_shape
from app.web.uploads import UploadForm, described, files_in
from app.web.wording import sentence

router = APIRouter(prefix="/mask-imports", tags=["mask imports"])

Ids = Annotated[list[int], Field(max_length=100_000)]


class MaskImportReply(BaseModel):
    import_id: int
    job: JobShape


class SpecimenChoice(BaseModel):
    id: int
    key: str
    source: str


class MaskFileShape(BaseModel):
    id: int
    name: str
    outcome: MaskOutcome
    reason: str
    kind: MaskKind | None
    kind_chosen: bool
    inverted: bool
    specimen: SpecimenChoice | None
    choices: list[SpecimenChoice]
    crop: str | None
    blue: str | None
    version_id: int | None
    candidate_id: int | None


class MaskImportShape(BaseModel):
    id: int
    job: JobShape
    taken_as: TakenAs | None
    taken_at: datetime | None
    counts: dict[str, int]
    total: int
    untaken: int
    """How many can still be taken."""
    files: list[MaskFileShape]
    next_after: int | None


class CorrectionRequest(BaseModel):
    kind: MaskKind | None = None
    inverted: bool | None = None
    specimen_id: int | None = None


class TakingRequest(BaseModel):
    """`except` leaves out some of the matched files, `only` takes no others."""

    as_: Annotated[TakenAs, Field(alias="as")]
    besides: Annotated[Ids, Field(alias="except")] = []
    only: Ids | None = None


class TakingReply(BaseModel):
    taken: int
    left: int


@router.post(
    "",
    status_code=202,
    openapi_extra=described(kind={"type": "string", "enum": ["auto", *MaskKind]}),
)
def start_mask_import(
    database: DatabaseDep, blobs: BlobsDep, person: Curator, form: UploadForm
) -> MaskImportReply:
    kind = mask_imports.kind_called(str(form.get("kind", "auto")))
    import_id = mask_imports.start(database, blobs, files_in(form), person.id, kind)
    with database.reading() as session:
        job = mask_imports.get(session, import_id).job
        return MaskImportReply(import_id=import_id, job=job_shape(job))


@router.get("/{import_id}")
def get_mask_import(
    session: Reading,
    _person: Viewer,
    import_id: int,
    outcome: Annotated[list[MaskOutcome], Query()] = [],  # noqa: B006
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> MaskImportShape:
    found = mask_imports.get(session, import_id)
    counts = mask_imports.counts(session, import_id)
    page = mask_imports.files(session, import_id, outcome, after=after, limit=limit)
    return MaskImportShape(
        id=found.id,
        job=job_shape(found.job),
        taken_as=found.taken_as,
        taken_at=found.taken_at,
        counts={outcome.value: count for outcome, count in counts.items()},
        total=sum(counts.values()),
        untaken=mask_imports.untaken(session, import_id),
        files=[_shape(file, page.choices) for file in page.files],
        next_after=page.next_after,
    )


@router.patch("/{import_id}/files/{file_id}")
def correct_mask_file(
    database: DatabaseDep,
    blobs: BlobsDep,
    _person: Curator,
    import_id: int,
    file_id: int,
    wanted: CorrectionRequest,
) -> MaskFileShape:
    correction = Correction(**wanted.model_dump())
    mask_corrections.correct(database, blobs, import_id, file_id, correction)
    with database.reading() as session:
        return _one(session, import_id, file_id)


@router.post("/{import_id}/taking")
def take_mask_files(
    session: Writing, person: Curator, import_id: int, wanted: TakingRequest
) -> TakingReply:
    """Take the ticked files in one transaction. Sent again, it does nothing more."""
    only = None if wanted.only is None else set(wanted.only)
    ticked = Wanted(only, set(wanted.besides))
    done = mask_taking.take(session, import_id, person.id, wanted.as_, ticked)
    return TakingReply(taken=done.taken, left=done.left)


def _one(session: Session, import_id: int, file_id: int) -> MaskFileShape:
    file = mask_imports.get_file(session, import_id, file_id)
    return _shape(file, mask_imports.choices(session, [file]))


def _shape(file: MaskFile, choices: dict[int, Specimen]) -> MaskFileShape:
    crop, mask = file.crop, file.mask_digest
    reason, known = file.reason, file.reason.get("choices", [])
    return MaskFileShape(
        id=file.id,
        name=file.name,
        outcome=file.outcome,
        reason=sentence(reason["template"], **reason["values"]) if "template" in reason else "",
        kind=file.kind,
        kind_chosen=file.kind_chosen,
        inverted=file.inverted,
        specimen=_choice(file.specimen) if file.specimen is not None else None,
        choices=[_choice(choices[id_]) for id_ in known if id_ in choices],
        crop=crop_url(crop.preview_digest) if crop is not None else None,
        blue=filled_url(crop.preview_digest, mask) if crop is not None and mask else None,
        version_id=file.version_id,
        candidate_id=file.candidate_id,
    )


def _choice(specimen: Specimen) -> SpecimenChoice:
    return SpecimenChoice(id=specimen.id, key=specimen.key, source=specimen.source.code)
