"""Exports: started here, written by a worker, downloaded as one archive."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import IO, Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from app.blobs import chunks_of
from app.domain.base import Json
from app.domain.jobs import JobKind, PartKind
from app.domain.specimens import SpecimenState
from app.errors import NotFound
from app.services import handouts, jobs
from app.services.browsing import Selection
from app.services.exports import ExportKind, Frame
from app.services.searching import About
from app.web.access import BlobsDep, Curator, Reading, Viewer, Writing
from app.web.api.shapes import JobShape, job_shape
from app.web.wording import translations

router = APIRouter(prefix="/exports", tags=["exports"])

Text = Annotated[str, Field(max_length=400)]
Number = Annotated[int, Field(ge=1, lt=2**31)]


class ExportRequest(BaseModel):
    """What to write, and of which specimens; what is empty does not matter."""

    kind: ExportKind = ExportKind.MASKS
    frame: Frame = Frame.CROP
    state: SpecimenState | Literal[""] = ""
    source: Text = ""
    tag: Text = ""
    search: Text = ""
    taxon: Text = ""
    family: Text = ""
    sex: Text = ""
    field: Text = ""
    value: Text = ""
    specimens: Annotated[list[Number], Field(max_length=10_000)] = []

    def payload(self) -> Json:
        chosen = Selection(
            state=self.state or None,
            source=self.source,
            tag=self.tag,
            search=self.search,
            about=About(self.taxon, self.family, self.sex, self.field, self.value),
            specimens=tuple(self.specimens),
        )
        return {"kind": self.kind, "frame": self.frame, "selection": asdict(chosen)}


@router.post("", status_code=202)
def start_export(session: Writing, person: Curator, wanted: ExportRequest) -> JobShape:
    job = jobs.start(session, JobKind.EXPORT, person.id)
    payload = wanted.payload()
    if wanted.kind is ExportKind.EDITING:
        payload["how_to"] = how_to()  # here, because the reader's language is known here
    jobs.add_part(session, job.id, PartKind.EXPORT, payload)
    return job_shape(job)


@router.get("/{job_id}/archive")
def archive(session: Reading, blobs: BlobsDep, _person: Viewer, job_id: int) -> StreamingResponse:
    result = jobs.get_job(session, job_id).result
    if "archive" not in result:
        raise NotFound("Export {number} is not ready.", number=job_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{result["name"]}"',
        "Content-Length": str(result["bytes"]),
    }
    stored = blobs.open(result["archive"])
    return StreamingResponse(stream(stored), media_type="application/zip", headers=headers)


def how_to() -> str:
    return handouts.readme(translations.gettext)


def stream(stored: IO[bytes]) -> Iterator[bytes]:
    with stored:
        yield from chunks_of(stored)
