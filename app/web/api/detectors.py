"""Detectors: training one, choosing the one that serves, and taking its files along."""

import re
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, BeforeValidator, Field
from starlette.datastructures import FormData

from app.blobs import Blobs
from app.errors import NotFound, Refused
from app.services import detector_figures, detector_rounds, detectors, jobs
from app.services.detector_figures import Row
from app.services.detector_rounds import DetectorWishes
from app.web.access import BlobsDep, DatabaseDep, Lead, Reading, SettingsDep, Viewer, Writing
from app.web.api.exports import stream
from app.web.api.shapes import JobShape, job_shape
from app.web.uploads import UploadForm, described, files_in

router = APIRouter(prefix="/detectors", tags=["detectors"])

Number = Annotated[int, Path(ge=1, lt=2**31)]
Name = Annotated[str, Path(max_length=100)]
# A form sends what nobody filled in as an empty text.
AsUsual = BeforeValidator(lambda value: None if value == "" else value)


class TrainingRequest(BaseModel):
    """What shall be otherwise than usual; what is empty stays so."""

    steps: Annotated[int | None, AsUsual] = None
    begin: Annotated[Annotated[str, Field(max_length=100)] | None, AsUsual] = None
    seed: Annotated[int | None, AsUsual] = None


class TrainingReply(BaseModel):
    training: int
    job: JobShape


class PromotionReply(BaseModel):
    detector: str


class IntervalShape(BaseModel):
    """A mean and its 95 % interval."""

    low: float
    mean: float
    high: float


class FiguresShape(BaseModel):
    """On photographs that no detector trained here has learned from."""

    specimens: int
    mean_iou: IntervalShape
    share_good: IntervalShape
    share_whole: IntervalShape
    growth: float | None
    """By which boxes must be enlarged so that 97 % of the specimens are whole."""
    milliseconds: float


class DetectorShape(BaseModel):
    name: str
    serves: bool
    sources: list[str]
    figures: FiguresShape | None
    absent: str
    """Why it could not be compared with the others."""


@router.get("")
def every_detector(session: Reading, settings: SettingsDep, _person: Viewer) -> list[DetectorShape]:
    found = detector_figures.listing(session, settings.detector)
    return [
        DetectorShape(
            name=line.name,
            serves=line.serves,
            sources=line.sources,
            figures=_figures(line.row) if line.row is not None else None,
            absent=line.absent,
        )
        for line in found.lines
    ]


@router.post("/trainings", status_code=202)
def start_training(session: Writing, person: Lead, wanted: TrainingRequest) -> TrainingReply:
    wishes = DetectorWishes(**wanted.model_dump())
    round_ = detector_rounds.start(session, person_id=person.id, wishes=wishes)
    job = jobs.get_job(session, round_.job_id)
    return TrainingReply(training=round_.number, job=job_shape(job))


@router.post("", status_code=202, openapi_extra=described(classes={"type": "string"}))
def add_detector(
    database: DatabaseDep, blobs: BlobsDep, person: Lead, form: UploadForm
) -> JobShape:
    """An ONNX file; `classes` are the numbers of those that are specimens, all if it is empty."""
    files = files_in(form)
    if len(files) != 1:
        raise Refused("Choose one ONNX file.")
    classes = _classes(form)
    digest = blobs.put(files[0].chunks)
    with database.transaction() as session:
        return job_shape(detectors.add(session, digest, files[0].name, classes, person.id))


@router.post("/{name}/promotion", status_code=201)
def promote(session: Writing, person: Lead, name: Name) -> PromotionReply:
    """`fallback`, `shipped`, `setting` or `detector:<id>` serves all sources that name none."""
    return PromotionReply(detector=detectors.promote(session, name, person.id).detector)


@router.get("/{detector_id}/onnx")
def onnx(
    session: Reading, blobs: BlobsDep, _person: Viewer, detector_id: Number
) -> StreamingResponse:
    digest = detectors.get_detector(session, detector_id).digest
    return _file(blobs, digest, f"mothmask-detector-{detector_id}.onnx")


@router.get("/{detector_id}/weights")
def weights(
    session: Reading, blobs: BlobsDep, _person: Viewer, detector_id: Number
) -> StreamingResponse:
    digest = detectors.get_detector(session, detector_id).weights_digest
    if digest is None:
        raise NotFound("Detector {id} came as a file: there is only its ONNX.", id=detector_id)
    return _file(blobs, digest, f"mothmask-detector-{detector_id}.safetensors")


def _classes(form: FormData) -> list[int]:
    numbers = re.findall(r"[^\s,;]+", str(form.get("classes", "")))
    if wrong := [number for number in numbers if not re.fullmatch(r"[0-9]{1,6}", number)]:
        raise Refused(
            "“{wrong}” is no number of a class. Write numbers with commas between them, as 0, 3.",
            wrong=wrong[0],
        )
    return [int(number) for number in numbers]


def _figures(row: Row) -> FiguresShape:
    return FiguresShape.model_validate({**asdict(row), **asdict(row.measured)})


def _file(blobs: Blobs, digest: str, name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    kind = "application/octet-stream"
    return StreamingResponse(stream(blobs.open(digest)), media_type=kind, headers=headers)
