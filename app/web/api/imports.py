"""Imports: photographs and archives come in by a form, and what became of each is told."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from app.domain.photographs import ImportedFile, Outcome
from app.services import imports, jobs, staging
from app.web.access import BlobsDep, CurrentPerson, DatabaseDep, Reading
from app.web.api.shapes import JobShape, job_shape
from app.web.uploads import UploadForm, described, files_in

router = APIRouter(prefix="/imports", tags=["imports"])


class ImportReply(BaseModel):
    job: JobShape


class FileShape(BaseModel):
    name: str
    outcome: str
    reason: str
    photograph_id: int | None


class ImportSummary(BaseModel):
    job: JobShape
    source: str
    counts: dict[str, int]
    total: int
    files: list[FileShape]
    next_after: int | None


@router.post(
    "",
    status_code=202,
    openapi_extra=described("source", source={"type": "string"}),
)
def start_import(
    database: DatabaseDep,
    blobs: BlobsDep,
    person: CurrentPerson,
    form: UploadForm,
) -> ImportReply:
    source = str(form.get("source", ""))
    job_id = staging.import_files(database, blobs, files_in(form), source, person.id)
    with database.reading() as session:
        return ImportReply(job=job_shape(jobs.get_job(session, job_id)))


@router.get("/{job_id}")
def get_import(
    session: Reading,
    _person: CurrentPerson,
    job_id: int,
    outcome: Annotated[list[Outcome], Query()] = list(imports.WORTH_TELLING),  # noqa: B006
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ImportSummary:
    summary = imports.summary(session, job_id, outcome, after=after, limit=limit)
    return ImportSummary(
        job=job_shape(jobs.get_job(session, job_id)),
        source=summary.source,
        counts={outcome.value: count for outcome, count in summary.counts.items()},
        total=summary.total,
        files=[_file_shape(file) for file in summary.files],
        next_after=summary.next_after,
    )


def _file_shape(file: ImportedFile) -> FileShape:
    return FileShape(
        name=file.name,
        outcome=file.outcome,
        reason=file.reason,
        photograph_id=file.photograph_id,
    )
