"""Rounds and the models that they made."""

import math
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.rounds import Round, Split, TrainedModel
from app.services import browsing, job_progress, jobs, rounds
from app.services.browsing import RoundLine
from app.services.job_progress import JobProgress
from app.services.rounds import LabelCounts
from app.web.access import CurrentPerson, Reading
from app.web.charts import Chart, dice_chart, loss_chart
from app.web.rendering import render
from ml.presets import MIN_LABELS, PRESETS

router = APIRouter()


@dataclass(frozen=True)
class RoundsPage:
    rounds: list[RoundLine]
    labels: LabelCounts
    least_labels: int
    presets: list[str]

    @property
    def training(self) -> bool:
        return any(line.round.job.is_open for line in self.rounds)


@dataclass(frozen=True)
class RoundPage:
    round: Round
    training: int
    validation: int
    model: TrainedModel | None
    progress: JobProgress
    losses: Chart
    dice: Chart
    minutes_left: int | None
    """Of the training, at most; None while nothing is known, and when it is over."""


@dataclass(frozen=True)
class ModelsPage:
    models: list[TrainedModel]
    serving_id: int | None


@router.get("/rounds")
def round_list(request: Request, session: Reading, person: CurrentPerson) -> HTMLResponse:
    page = RoundsPage(
        rounds=browsing.round_lines(session),
        labels=rounds.label_counts(session),
        least_labels=MIN_LABELS,
        presets=list(PRESETS),
    )
    return render(request, "rounds/list.html", page, person=person)


@router.get("/rounds/{number}")
def one_round(
    request: Request, session: Reading, person: CurrentPerson, number: int
) -> HTMLResponse:
    return render(request, "rounds/page.html", _round_page(session, number), person=person)


@router.get("/rounds/{number}/now")
def round_now(
    request: Request, session: Reading, person: CurrentPerson, number: int
) -> HTMLResponse:
    return render(request, "rounds/_now.html", _round_page(session, number), person=person)


@router.get("/models")
def model_list(request: Request, session: Reading, person: CurrentPerson) -> HTMLResponse:
    serving = rounds.serving_model(session)
    page = ModelsPage(list(browsing.models(session)), serving.id if serving is not None else None)
    return render(request, "models/list.html", page, person=person)


def _round_page(session: Session, number: int) -> RoundPage:
    round_ = rounds.get_round(session, number)
    labels = rounds.frozen_labels(session, round_.id)
    epochs = rounds.epochs(session, round_.id)
    validation = sum(label.split is Split.VALIDATION for label in labels)
    model = rounds.model_of(session, round_.id)
    seconds_left = rounds.training_seconds_left(round_, epochs) if model is None else None
    return RoundPage(
        round=round_,
        training=len(labels) - validation,
        validation=validation,
        model=model,
        progress=job_progress.progress(session, jobs.get_job(session, round_.job_id)),
        losses=loss_chart(epochs),
        dice=dice_chart(epochs),
        minutes_left=math.ceil(seconds_left / 60) if seconds_left is not None else None,
    )
