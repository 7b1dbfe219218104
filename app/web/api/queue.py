"""How the queue is ordered, and whether going on is worth it."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.services import queue_order, queue_rule, stop_advice
from app.services.queue_score import DEFAULT, Weights
from app.web.access import Lead, Reading, SettingsDep, Viewer, Writing

router = APIRouter(prefix="/queue", tags=["review"])

Weight = Annotated[float, Field(ge=0, le=queue_rule.MOST_WEIGHT)]


class QueueWeights(BaseModel):
    uncertainty: Weight = DEFAULT.uncertainty
    shortage: Weight = DEFAULT.shortage
    disagreement: Weight = DEFAULT.disagreement
    lot: Weight = DEFAULT.lot
    check_share: Annotated[float, Field(ge=0, le=queue_rule.MOST_CHECKS)] = DEFAULT.check_share
    seed: int = DEFAULT.seed


class Range(BaseModel):
    low: float
    mean: float
    high: float


class Advice(BaseModel):
    decisions: int
    accepted: int
    waiting: int
    minutes: float | None
    dice: Range | None
    checks: int
    pending: int
    may_stop: bool


@router.get("/weights")
def get_weights(session: Reading, _person: Viewer) -> QueueWeights:
    return QueueWeights(**asdict(queue_rule.weights(session)))


@router.post("/weights", status_code=201)
def post_weights(session: Writing, person: Lead, wanted: QueueWeights) -> QueueWeights:
    written = queue_rule.write(session, person.id, Weights(**wanted.model_dump()))
    queue_order.keep_up(session)
    return QueueWeights(**asdict(written))


@router.get("/advice")
def get_advice(session: Reading, _person: Viewer, settings: SettingsDep) -> Advice:
    """How much is accepted, how long the rest takes, and how good it is by random checks."""
    limits = stop_advice.StopLimits(settings.stop_acceptance, settings.stop_dice)
    return Advice(**asdict(stop_advice.advise(session, limits)))
