"""Imports: photographs and archives come in by a form, and what became of each is told."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile
from starlette.types import Message, Receive

from app.blobs import chunks_of, told_when_full
from app.domain.photographs import ImportedFile, Outcome
from app.errors import TooLarge
from app.services import imports, jobs, names, staging
from app.services.staging import Incoming
from app.web.access import BlobsDep, CurrentPerson, DatabaseDep, Reading, SettingsDep
from app.web.api.shapes import JobShape, job_shape

router = APIRouter(prefix="/imports", tags=["imports"])

MOST_FILES = 100_000
FORM = {
    "type": "object",
    "required": ["source", "files"],
    "properties": {
        "source": {"type": "string"},
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
}


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


async def _upload(request: Request, settings: SettingsDep) -> AsyncIterator[FormData]:
    """The form, read here because FastAPI itself would neither count bytes nor take many files."""
    most = settings.upload_megabytes * 1_000_000
    if int(request.headers.get("content-length", 0)) > most:
        raise _too_large(settings.upload_megabytes)
    counted = _counted(request.receive, most, _too_large(settings.upload_megabytes))
    with told_when_full():
        form = await Request(request.scope, counted).form(max_files=MOST_FILES)
    try:
        yield form
    finally:
        await form.close()


@router.post(
    "",
    status_code=202,
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"schema": FORM}}}},
)
def start_import(
    database: DatabaseDep,
    blobs: BlobsDep,
    person: CurrentPerson,
    form: Annotated[FormData, Depends(_upload)],
) -> ImportReply:
    files = [
        Incoming(names.tidy(file.filename), chunks_of(file.file))
        for file in form.getlist("files")
        if isinstance(file, UploadFile) and file.filename
    ]
    job_id = staging.import_files(database, blobs, files, str(form.get("source", "")), person.id)
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


def _counted(receive: Receive, most: int, too_large: TooLarge) -> Receive:
    """Pass the request on, but no more of it than is allowed: it may not say its length."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise too_large
        return message

    return counted


def _too_large(megabytes: int) -> TooLarge:
    return TooLarge(
        "This is more than the {megabytes} MB that one upload may have. Send fewer files at "
        "once, or import them with the command line.",
        megabytes=megabytes,
    )
