"""Having wing-colour strata made, newcomers join them, and naming, merging and splitting them."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from app.domain.strata import Stratum
from app.services import strata, strata_naming
from app.web.access import Lead, Writing
from app.web.api.shapes import JobShape, job_shape

router = APIRouter(prefix="/strata", tags=["strata"])

Number = Annotated[int, Path(ge=1, lt=2**31)]


class NameRequest(BaseModel):
    name: Annotated[str, Field(max_length=400)]


class MergerRequest(BaseModel):
    into: Annotated[int, Field(ge=1, lt=2**31)]


class StratumShape(BaseModel):
    number: int
    name: str
    merged_into: int | None


@router.post("", status_code=202)
def make_strata_anew(session: Writing, person: Lead) -> JobShape:
    return job_shape(strata.make_anew(session, person.id))


@router.post("/newcomers", status_code=202)
def join_newcomers(session: Writing, person: Lead) -> JobShape:
    """Let every specimen without a stratum join the nearest one."""
    return job_shape(strata.join_newcomers(session, person.id))


@router.post("/{number}/name", status_code=201)
def name_stratum(
    session: Writing, person: Lead, number: Number, wanted: NameRequest
) -> StratumShape:
    return _shape(strata_naming.rename(session, person.id, number, wanted.name))


@router.post("/{number}/merger", status_code=201)
def merge_stratum(
    session: Writing, person: Lead, number: Number, wanted: MergerRequest
) -> StratumShape:
    """Let its specimens count to another stratum."""
    return _shape(strata_naming.merge(session, person.id, number, wanted.into))


@router.post("/{number}/separation", status_code=201)
def split_stratum(session: Writing, person: Lead, number: Number) -> StratumShape:
    """Undo a merger."""
    return _shape(strata_naming.split(session, person.id, number))


def _shape(stratum: Stratum) -> StratumShape:
    return StratumShape(number=stratum.number, name=stratum.name, merged_into=stratum.merged_into)
