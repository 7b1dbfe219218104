"""The benchmark over the JSON API: members, second people's masks, figures, proposals."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Response, UploadFile
from pydantic import BaseModel, Field

from app.domain.benchmark import TAG
from app.errors import Refused
from app.services import (
    benchmark_data,
    benchmark_figures,
    benchmark_measuring,
    benchmark_proposing,
    labelling,
    mask_files,
    second_labels,
    tags,
)
from app.services.benchmark_data import Data
from app.services.benchmark_figures import OverTime
from app.services.csv_rows import csv_text
from app.services.second_labels import NewSecondLabel
from app.web.access import BlobsDep, Curator, DatabaseDep, Lead, Reading, Viewer, Writing
from app.web.api.shapes import JobShape, job_shape
from ml.imaging.kinds import MaskKind

router = APIRouter(prefix="/benchmark", tags=["benchmark"])

MOST_AT_ONCE = 5000
Number = Annotated[int, Path(ge=1, lt=2**31)]


class MembersRequest(BaseModel):
    specimens: Annotated[list[int] | int, Field()]


class MembersReply(BaseModel):
    specimens: int


class ProposalShape(BaseModel):
    specimen_id: int
    key: str
    source: str
    stratum: int | None
    is_labelled: bool
    uncertainty: float | None
    disagreement: float | None
    rejected: int
    tags: int
    hardness: float


class SecondLabelReply(BaseModel):
    id: int
    specimen_id: int
    created_at: datetime


@router.get("")
def members_and_figures(session: Reading, _person: Viewer) -> Data:
    """Every member, every model, and how well each mask agrees with the present label."""
    return benchmark_data.data(session)


@router.get(".csv")
def as_csv(session: Reading, _person: Viewer) -> Response:
    """The same, one line for each member and model."""
    text = csv_text(benchmark_data.csv_rows(benchmark_data.data(session)))
    name = {"Content-Disposition": 'attachment; filename="mothmask-benchmark.csv"'}
    return Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=name)


@router.get("/figures")
def figures(session: Reading, _person: Viewer) -> OverTime:
    """Every model on the whole benchmark, oldest first, and how well people agree."""
    return benchmark_figures.over_time(session)


@router.get("/proposals")
def proposals(
    session: Reading,
    _person: Viewer,
    count: Annotated[int, Query(ge=1, le=benchmark_proposing.MOST)] = 24,
) -> list[ProposalShape]:
    """Specimens that could join: a quota of each stratum, the hard ones first."""
    return [
        ProposalShape(hardness=each.hardness, **asdict(each))
        for each in benchmark_proposing.propose(session, count)
    ]


@router.post("/members", status_code=201)
def join(session: Writing, person: Lead, wanted: MembersRequest) -> MembersReply:
    """Specimens join, which is the same as tagging them "benchmark"."""
    ids = wanted.specimens if isinstance(wanted.specimens, list) else [wanted.specimens]
    if not ids:
        raise Refused("Choose at least one specimen.")
    tags.tag(session, person.id, ids[:MOST_AT_ONCE], TAG, on=True)
    return MembersReply(specimens=len(set(ids)))


@router.delete("/members/{specimen_id}", status_code=204)
def leave(session: Writing, person: Lead, specimen_id: Number) -> Response:
    tags.tag(session, person.id, [specimen_id], TAG, on=False)
    return Response(status_code=204)


@router.post("/measurements", status_code=202)
def measure(session: Writing, person: Lead) -> JobShape:
    """Have whatever is missing predicted and measured."""
    return job_shape(benchmark_measuring.start(session, person.id))


@router.post("/members/{specimen_id}/second-labels", status_code=201)
def second_label(
    database: DatabaseDep,
    blobs: BlobsDep,
    person: Curator,
    specimen_id: Number,
    file: UploadFile,
    decision_id: Annotated[str, Form(min_length=8, max_length=64)],
    origin: Annotated[str, Form()],
    crop_id: Annotated[int | None, Form()] = None,
    kind: Annotated[MaskKind | None, Form()] = None,
    inverted: Annotated[bool | None, Form()] = None,
) -> SecondLabelReply:
    """A mask that another person drew without seeing the label; it never becomes one."""
    with database.reading() as session:
        crop = labelling.crop_seen(session, specimen_id, crop_id)
        place = mask_files.place_of(session, crop)
    come = mask_files.MaskFrom(origin, file.filename or "", kind, inverted)
    digest = mask_files.keep_mask(blobs, mask_files.read_mask(place, file.file, come))
    wanted = NewSecondLabel(decision_id, origin, digest, crop.id)
    with database.transaction() as session:
        second = second_labels.save(session, person.id, specimen_id, wanted)
        return SecondLabelReply(id=second.id, specimen_id=specimen_id, created_at=second.created_at)
