"""Rounds: the list with the way to a new one, and one round as it goes and as it went."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.rounds import ContactSheet, Round, TrainedModel
from app.services import browsing, job_progress, jobs, rounds, tags
from app.services.browsing import LabelShare, RoundLine
from app.services.job_progress import JobProgress
from app.services.rounds import LabelCounts
from app.services.tags import WordInUse
from app.web.access import CurrentPerson, Reading
from app.web.charts import Chart, curves
from app.web.configuration import Configuration, configuration
from app.web.rendering import render
from ml.presets import MIN_LABELS, PRESETS

router = APIRouter(prefix="/rounds")


@dataclass(frozen=True)
class RoundsPage:
    rounds: list[RoundLine]
    labels: LabelCounts
    least_labels: int
    presets: list[str]
    words: list[WordInUse]
    running: int | None
    """The number of the round that runs."""


@dataclass(frozen=True)
class RoundPage:
    round: Round
    labels: list[LabelShare]
    model: TrainedModel | None
    start: TrainedModel | None
    progress: JobProgress
    curves: list[Chart]
    sheets: Sequence[ContactSheet]
    configuration: Configuration
    minutes_left: int | None
    """Of the training, at most; None while nothing is known, and when it is over."""

    @property
    def training(self) -> int:
        return sum(share.training for share in self.labels)

    @property
    def validation(self) -> int:
        return sum(share.validation for share in self.labels)

    @property
    def hard(self) -> int:
        return sum(share.hard for share in self.labels)


@router.get("")
def round_list(request: Request, session: Reading, person: CurrentPerson) -> HTMLResponse:
    page = RoundsPage(
        rounds=browsing.round_lines(session),
        labels=rounds.label_counts(session),
        least_labels=MIN_LABELS,
        presets=list(PRESETS),
        words=tags.words_in_use(session),
        running=rounds.running(session),
    )
    return render(request, "rounds/list.html", page, person=person)


@router.get("/{number}")
def one_round(
    request: Request, session: Reading, person: CurrentPerson, number: int
) -> HTMLResponse:
    return render(request, "rounds/page.html", _round_page(session, number), person=person)


@router.get("/{number}/now")
def round_now(
    request: Request, session: Reading, person: CurrentPerson, number: int
) -> HTMLResponse:
    return render(request, "rounds/_now.html", _round_page(session, number), person=person)


@router.get("/{number}/sheets")
def round_sheets(
    request: Request, session: Reading, person: CurrentPerson, number: int
) -> HTMLResponse:
    return render(request, "rounds/_sheets.html", _round_page(session, number), person=person)


def _round_page(session: Session, number: int) -> RoundPage:
    round_ = rounds.get_round(session, number)
    epochs = rounds.epochs(session, round_.id)
    model = rounds.model_of(session, round_.id)
    seconds_left = rounds.training_seconds_left(round_, epochs) if model is None else None
    return RoundPage(
        round=round_,
        labels=browsing.label_shares(session, round_.id),
        model=model,
        start=session.get(TrainedModel, round_.start_model_id or 0),
        progress=job_progress.progress(session, jobs.get_job(session, round_.job_id)),
        curves=curves(epochs),
        sheets=browsing.contact_sheets(session, round_.id),
        configuration=configuration(round_.preset, round_.config),
        minutes_left=math.ceil(seconds_left / 60) if seconds_left is not None else None,
    )
