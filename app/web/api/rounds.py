"""Starting a round."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field

from app.services import jobs, round_starting
from app.services.round_options import RoundOptions
from app.web.access import CurrentPerson, Writing
from app.web.api.shapes import JobShape, job_shape
from ml.config import Draw

router = APIRouter(tags=["rounds"])

MOST_TAGS = 100

# A form sends what nobody filled in as an empty text, and one ticked box as a text.
AsPreset = BeforeValidator(lambda value: None if value == "" else value)
OneOrMore = BeforeValidator(lambda value: [value] if isinstance(value, str) else value)


class RoundRequest(BaseModel):
    """Which preset, and what shall be otherwise than it says; what is empty stays so."""

    preset: Annotated[str, Field(max_length=40)] = "tiny"
    draw: Annotated[Draw | None, AsPreset] = None
    sample_factor: Annotated[int | None, AsPreset] = None
    hard_tags: Annotated[
        tuple[Annotated[str, Field(max_length=400)], ...], OneOrMore, Field(max_length=MOST_TAGS)
    ] = ()
    minority: Annotated[float | None, AsPreset] = None
    contour: Annotated[bool | None, AsPreset] = None
    contour_weight: Annotated[float | None, AsPreset] = None
    transfer: Annotated[bool | None, AsPreset] = None
    from_scratch: bool = False
    seed: Annotated[int | None, AsPreset] = None

    def options(self) -> RoundOptions:
        return RoundOptions(**self.model_dump(exclude={"preset"}))


class RoundReply(BaseModel):
    round: int
    job: JobShape


@router.post("/rounds", status_code=202)
def start_round(session: Writing, person: CurrentPerson, wanted: RoundRequest) -> RoundReply:
    round_ = round_starting.start_round(
        session, preset=wanted.preset, person_id=person.id, options=wanted.options()
    )
    job = jobs.get_job(session, round_.job_id)
    return RoundReply(round=round_.number, job=job_shape(job))
