"""Starting a round, and choosing the model that serves."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.services import jobs, rounds
from app.web.access import CurrentPerson, Writing
from app.web.api.shapes import JobShape, job_shape

router = APIRouter(tags=["rounds"])


class RoundRequest(BaseModel):
    preset: Annotated[str, Field(max_length=40)] = "tiny"


class RoundReply(BaseModel):
    round: int
    job: JobShape


class PromotionReply(BaseModel):
    model_id: int


@router.post("/rounds", status_code=202)
def start_round(session: Writing, person: CurrentPerson, wanted: RoundRequest) -> RoundReply:
    round_ = rounds.start_round(session, preset=wanted.preset, person_id=person.id)
    job = jobs.get_job(session, round_.job_id)
    return RoundReply(round=round_.number, job=job_shape(job))


@router.post("/models/{model_id}/promotion", status_code=201)
def promote(session: Writing, person: CurrentPerson, model_id: int) -> PromotionReply:
    rounds.promote(session, model_id, person.id)
    return PromotionReply(model_id=model_id)
