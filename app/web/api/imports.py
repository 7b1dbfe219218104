"""Imports: photographs and archives come in by a form, and what became of each is told."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from app.domain.photographs import ImportedFile, Outcome
from app.services import box_imports, imports, jobs, photograph_imports
from app.services.names import CALLED, encoding_called
from app.services.photograph_imports import Wishes
from app.web.access import BlobsDep, DatabaseDep, Lead, Reading, Viewer
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


class BoxesReply(BaseModel):
    job: JobShape
    placed: int
    empty: int
    problem_count: int


@router.post(
    "",
    status_code=202,
    openapi_extra=described(
        "source",
        source={"type": "string"},
        names={"type": "string", "enum": ["auto", *CALLED]},
    ),
)
def start_import(
    database: DatabaseDep,
    blobs: BlobsDep,
    person: Lead,
    form: UploadForm,
) -> ImportReply:
    source = str(form.get("source", ""))
    wishes = Wishes(encoding=encoding_called(str(form.get("names", ""))))
    job_id = photograph_imports.start(
        database, blobs, files_in(form), source, person.id, wishes=wishes
    )
    with database.reading() as session:
        return ImportReply(job=job_shape(jobs.get_job(session, job_id)))


@router.post(
    "/boxes",
    status_code=202,
    openapi_extra=described(source={"type": "string"}, classes={"type": "string"}),
)
def start_boxes(
    database: DatabaseDep, blobs: BlobsDep, person: Lead, form: UploadForm
) -> BoxesReply:
    """Tables of boxes: the lab's CSV, YOLO's texts, COCO's JSON. Classes stand between commas."""
    source = str(form.get("source", "")).strip()
    classes = [word.strip() for word in str(form.get("classes", "")).split(",") if word.strip()]
    report = box_imports.start(database, blobs, files_in(form), source, person.id, classes)
    with database.reading() as session:
        return BoxesReply(
            job=job_shape(jobs.get_job(session, report.job_id)),
            placed=report.placed,
            empty=report.empty,
            problem_count=len(report.problems),
        )


@router.get("/{job_id}/box-problems.csv")
def box_problems(session: Reading, blobs: BlobsDep, _person: Viewer, job_id: int) -> Response:
    """Every row of a table of boxes that could not be taken, with its reason."""
    found = box_imports.all_problems(session, blobs, job_id)
    return Response(found, media_type="text/csv; charset=utf-8")


@router.get("/{job_id}")
def get_import(
    session: Reading,
    _person: Viewer,
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
