"""Starting a round, and what may be asked of it."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy.orm import Session

from app.domain.rounds import Round
from app.services import (
    jobs,
    round_export,
    round_orders,
    round_repeating,
    round_scheduling,
    round_starting,
    rounds,
)
from app.services.round_options import RoundOptions, Strength
from app.web.access import Curator, Lead, Writing
from app.web.api.shapes import JobShape, job_shape
from ml.config import Draw, LossName

router = APIRouter(tags=["rounds"])

MOST_TAGS = 100

Number = Annotated[int, Path(ge=1, lt=2**31)]
Name = Annotated[str, Field(max_length=40)]
RequestId = Annotated[str, Field(max_length=64)]

# A form sends what nobody filled in as an empty text, and one ticked box as a text.
AsPreset = BeforeValidator(lambda value: None if value == "" else value)
OneOrMore = BeforeValidator(lambda value: _several(value) if isinstance(value, str) else value)


def _several(value: str) -> list[str]:
    return [value] if value else []


class RoundRequest(BaseModel):
    """Which preset, and what shall be otherwise than it says; what is empty stays so."""

    preset: Name = "tiny"
    request_id: Annotated[RequestId | None, AsPreset] = None
    """Made by the client: asked for again with it, it is the round that there is."""
    draws: Annotated[tuple[Draw, ...], OneOrMore] = ()
    sample_factor: Annotated[int | None, AsPreset] = None
    hard_tags: Annotated[
        tuple[Annotated[str, Field(max_length=400)], ...], OneOrMore, Field(max_length=MOST_TAGS)
    ] = ()
    minority: Annotated[float | None, AsPreset] = None
    network: Annotated[Name | None, AsPreset] = None
    losses: Annotated[tuple[LossName, ...], OneOrMore] = ()
    contour: Annotated[bool | None, AsPreset] = None
    contour_weight: Annotated[float | None, AsPreset] = None
    augmentation: Annotated[Strength | None, AsPreset] = None
    transfer: Annotated[bool | None, AsPreset] = None
    from_scratch: bool = False
    start_model_id: Annotated[int | None, AsPreset] = None
    seed: Annotated[int | None, AsPreset] = None

    def options(self) -> RoundOptions:
        return RoundOptions(**self.model_dump(exclude={"preset", "request_id"}))


class RoundReply(BaseModel):
    round: int
    job: JobShape


@router.post("/rounds", status_code=202)
def start_round(session: Writing, person: Lead, wanted: RoundRequest) -> RoundReply:
    round_ = round_starting.start_round(
        session,
        preset=wanted.preset,
        person_id=person.id,
        options=wanted.options(),
        request_id=wanted.request_id,
    )
    return _reply(session, round_)


class BestRequest(BaseModel):
    variant: Annotated[str, Field(max_length=60)] = ""
    """Empty for all of the round."""


@router.post("/rounds/{number}/pause", status_code=202)
def pause(session: Writing, person: Lead, number: Number) -> RoundReply:
    """Have the workers leave it; resuming its job goes on from the last checkpoint."""
    round_ = rounds.get_round(session, number)
    round_orders.pause(session, round_, person.id)
    return _reply(session, round_)


@router.post("/rounds/{number}/best", status_code=202)
def keep_best(session: Writing, person: Lead, number: Number, wanted: BestRequest) -> RoundReply:
    """Have a training end after its present epoch; the best one becomes the model."""
    round_ = rounds.get_round(session, number)
    round_orders.keep_best(session, round_, wanted.variant, person.id)
    return _reply(session, round_)


class AgainRequest(BaseModel):
    request_id: Annotated[RequestId | None, AsPreset] = None


@router.post("/rounds/{number}/again", status_code=202)
def again(session: Writing, person: Lead, number: Number, wanted: AgainRequest) -> RoundReply:
    """Train once more with the same labels, configurations, seed and beginning."""
    round_ = round_repeating.again(
        session, number, person_id=person.id, request_id=wanted.request_id
    )
    return _reply(session, round_)


@router.post("/rounds/{number}/export", status_code=202)
def export(session: Writing, person: Curator, number: Number) -> JobShape:
    """Have the frozen training set written as an archive."""
    return job_shape(round_export.start(session, number, person.id))


def _reply(session: Session, round_: Round) -> RoundReply:
    return RoundReply(round=round_.number, job=job_shape(jobs.get_job(session, round_.job_id)))


class ScheduleRequest(BaseModel):
    """When rounds start by themselves; with neither a number nor an hour, never."""

    new_labels: Annotated[int | None, AsPreset] = None
    hour: Annotated[int | None, AsPreset] = None
    """Of the day, UTC."""
    preset: Name = "tiny"
    promotes: bool = False


class ScheduleReply(ScheduleRequest):
    id: int


@router.post("/round-schedules", status_code=201)
def set_schedule(session: Writing, person: Lead, wanted: ScheduleRequest) -> ScheduleReply:
    """Say from now on when rounds start by themselves; earlier ones are kept."""
    made = round_scheduling.set_schedule(session, person.id, **wanted.model_dump())
    return ScheduleReply(id=made.id, **wanted.model_dump())
