"""Predicting with chosen models: what came after their rounds, or several of them together."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field

from app.services import predictions
from app.web.access import Lead, Writing
from app.web.api.shapes import JobShape, job_shape

router = APIRouter(tags=["models"])

MOST_MODELS = 10


class PredictionRequest(BaseModel):
    """One model, or several: the mean of their answers makes the mask."""

    model_ids: Annotated[
        list[Annotated[int, Field(ge=1, lt=2**31)]],
        Field(min_length=1, max_length=MOST_MODELS),
        BeforeValidator(lambda given: given if isinstance(given, list) else [given]),
    ]
    """A form with one box ticked sends one number."""


@router.post("/predictions", status_code=202)
def predict(session: Writing, person: Lead, wanted: PredictionRequest) -> JobShape:
    return job_shape(predictions.start(session, wanted.model_ids, person.id))
