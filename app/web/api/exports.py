"""Exports: started here, written by a worker, downloaded as one archive."""

from collections.abc import Iterator
from typing import BinaryIO

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from app.blobs import chunks_of
from app.domain.jobs import JobKind, PartKind
from app.errors import NotFound
from app.services import jobs
from app.services.exports import ExportKind, Frame
from app.web.access import BlobsDep, CurrentPerson, Reading, Writing
from app.web.api.shapes import JobShape, job_shape

router = APIRouter(prefix="/exports", tags=["exports"])


class ExportRequest(BaseModel):
    kind: ExportKind = ExportKind.MASKS
    frame: Frame = Frame.CROP


@router.post("", status_code=202)
def start_export(session: Writing, person: CurrentPerson, wanted: ExportRequest) -> JobShape:
    job = jobs.start(session, JobKind.EXPORT, person.id)
    jobs.add_part(session, job.id, PartKind.EXPORT, wanted.model_dump(mode="json"))
    return job_shape(job)


@router.get("/{job_id}/archive")
def archive(
    session: Reading, blobs: BlobsDep, _person: CurrentPerson, job_id: int
) -> StreamingResponse:
    result = jobs.get_job(session, job_id).result
    if "archive" not in result:
        raise NotFound("Export {number} is not ready.", number=job_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{result["name"]}"',
        "Content-Length": str(result["bytes"]),
    }
    stored = blobs.open(result["archive"])
    return StreamingResponse(_stream(stored), media_type="application/zip", headers=headers)


def _stream(stored: BinaryIO) -> Iterator[bytes]:
    with stored:
        yield from chunks_of(stored)
