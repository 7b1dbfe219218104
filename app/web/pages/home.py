"""How far are we, how good is it, what should I do now."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.people import Person
from app.domain.rounds import TrainedModel
from app.domain.specimens import SpecimenState
from app.services import (
    assignments,
    benchmark_figures,
    box_queue,
    browsing,
    counting,
    days,
    job_progress,
    models,
    next_step,
    queueing,
    rounds,
    stop_advice,
    strata,
)
from app.services.assignments import Progress
from app.services.benchmark_figures import ModelFigures, OverTime
from app.services.browsing import SpecimenTile
from app.services.job_progress import JobProgress
from app.services.next_step import Facts, NextStep
from app.services.queueing import QueueCounts, Show
from app.services.rounds import LabelCounts
from app.services.stop_advice import StopAdvice, StopLimits
from app.settings import Settings
from app.web.access import Reading, SettingsDep, Viewer
from app.web.progress_charts import (
    ProgressChart,
    acceptance_chart,
    benchmark_chart,
    labels_chart,
    pace_chart,
    validation_chart,
)
from app.web.rendering import render
from ml.presets import MIN_LABELS, PRESETS

router = APIRouter()

SHOWN_TILES = 12
MOST_DAYS = 60
"""More are put together to weeks in charts."""


@dataclass(frozen=True)
class HomeNow:
    """What changes while one looks at it."""

    states: dict[SpecimenState, int]
    queue: QueueCounts
    steps: list[NextStep]
    advice: StopAdvice
    mine: list[Progress]
    """Batches assigned to whoever looks."""
    labels: LabelCounts
    least_labels: int
    presets: list[str]
    model: TrainedModel | None
    figures: ModelFigures | None
    """Of that model on the benchmark."""
    human: float | None
    """Dice of two people there."""
    jobs: list[JobProgress]
    tiles: list[SpecimenTile]
    running: int | None
    """The number of the round that runs."""

    @property
    def total(self) -> int:
        return sum(self.states.values())


@dataclass(frozen=True)
class HomePage:
    now: HomeNow
    charts: list[ProgressChart]


@router.get("/")
def home(request: Request, session: Reading, settings: SettingsDep, person: Viewer) -> HTMLResponse:
    over_time = benchmark_figures.over_time(session)
    now = _now(session, settings, person, over_time)
    charts = _charts(session, person, over_time)
    return render(request, "home/page.html", HomePage(now, charts), person=person)


@router.get("/home/now")
def home_now(
    request: Request, session: Reading, settings: SettingsDep, person: Viewer
) -> HTMLResponse:
    page = _now(session, settings, person, benchmark_figures.over_time(session))
    return render(request, "home/_now.html", page, person=person)


def _now(session: Session, settings: Settings, person: Person, over_time: OverTime) -> HomeNow:
    limits = StopLimits(accepted=settings.stop_acceptance, dice=settings.stop_dice)
    advice = stop_advice.advise(session, limits)
    states = counting.state_counts(session)
    usable = sum(states.values()) - states[SpecimenState.UNUSABLE]
    queue = QueueCounts(advice.waiting, states[SpecimenState.LABELLED], usable)
    jobs = [job_progress.progress(session, job) for job in job_progress.open_jobs(session)]
    labels, running = rounds.label_counts(session), rounds.running(session)
    model = models.serving(session)
    figures = [each for each in over_time.models if model and each.model_id == model.id]
    facts = Facts(
        specimens=sum(states.values()),
        waiting=queue.waiting,
        needs_hand=queueing.left(session, Show.HAND),
        boxes=box_queue.doubtful(session),
        labels=labels.labels,
        new_labels=labels.new,
        round_running=running is not None,
        jobs=len(jobs),
        members=over_time.members,
        has_strata=strata.newest(session) is not None,
        may_stop=advice.may_stop,
    )
    return HomeNow(
        states=states,
        queue=queue,
        steps=next_step.steps(facts),
        advice=advice,
        mine=assignments.open_ones(session, person.id),
        labels=labels,
        least_labels=MIN_LABELS,
        presets=list(PRESETS),
        model=model,
        figures=figures[0] if figures else None,
        human=over_time.human.dice.mean if over_time.human is not None else None,
        jobs=jobs,
        tiles=browsing.specimen_tiles(session)[:SHOWN_TILES],
        running=running,
    )


def _charts(session: Session, person: Person, over_time: OverTime) -> list[ProgressChart]:
    """Those that show how something went: one point is no way."""
    done = days.so_far(session, person.id)
    shown = days.by_week(done) if len(done) > MOST_DAYS else done
    charts = [labels_chart(shown), acceptance_chart(shown), _quality(session, over_time)]
    charts.append(pace_chart(shown))
    return [chart for chart in charts if len(chart.rows) > 1]


def _quality(session: Session, over_time: OverTime) -> ProgressChart:
    if any(model.dice is not None for model in over_time.models):
        return benchmark_chart(over_time)
    known = [
        (model.round.number, model.metrics["validation_dice"])
        for model in reversed(browsing.models(session))
    ]
    return validation_chart(known)
