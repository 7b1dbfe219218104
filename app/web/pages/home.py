"""How far are we, how good is it, what should I do now."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.rounds import TrainedModel
from app.domain.specimens import SpecimenState
from app.services import box_queue, browsing, job_progress, models, queueing, rounds
from app.services.browsing import SpecimenTile
from app.services.job_progress import JobProgress
from app.services.queueing import QueueCounts, Show
from app.services.rounds import LabelCounts
from app.web.access import CurrentPerson, Reading
from app.web.rendering import render
from ml.presets import MIN_LABELS, PRESETS

router = APIRouter()

SHOWN_TILES = 12


@dataclass(frozen=True)
class HomePage:
    states: dict[SpecimenState, int]
    queue: QueueCounts
    needs_hand: int
    boxes: int
    """That need a look."""
    labels: LabelCounts
    least_labels: int
    presets: list[str]
    model: TrainedModel | None
    jobs: list[JobProgress]
    tiles: list[SpecimenTile]
    running: int | None
    """The number of the round that runs."""

    @property
    def total(self) -> int:
        return sum(self.states.values())


@router.get("/")
def home(request: Request, session: Reading, person: CurrentPerson) -> HTMLResponse:
    return render(request, "home/page.html", _page(session), person=person)


@router.get("/home/now")
def home_now(request: Request, session: Reading, person: CurrentPerson) -> HTMLResponse:
    return render(request, "home/_now.html", _page(session), person=person)


def _page(session: Session) -> HomePage:
    return HomePage(
        states=browsing.state_counts(session),
        queue=queueing.counts(session),
        needs_hand=queueing.counts(session, Show.HAND).waiting,
        boxes=box_queue.doubtful(session),
        labels=rounds.label_counts(session),
        least_labels=MIN_LABELS,
        presets=list(PRESETS),
        model=models.serving(session),
        jobs=[job_progress.progress(session, job) for job in job_progress.open_jobs(session)],
        tiles=browsing.specimen_tiles(session)[:SHOWN_TILES],
        running=rounds.running(session),
    )
