"""Detectors: training one, how they compare, and one of them with what it learned from."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.base import Json
from app.domain.detectors import DetectorRound, TrainedDetector
from app.domain.jobs import JobKind
from app.services import (
    detector_boxes,
    detector_figures,
    detector_rounds,
    detectors,
    job_progress,
    recropping,
    sources,
)
from app.services.detector_boxes import BoxCounts, BoxShare
from app.services.detector_figures import Comparison, Listing, Picture, Row
from app.services.detector_rounds import MIN_BOXES, MIN_PHOTOGRAPHS
from app.services.job_progress import JobProgress
from app.services.recropping import Recroppable
from app.web.access import Reading, SettingsDep, Viewer
from app.web.charts import Chart, detector_curves
from app.web.rendering import render
from app.web.wording import word
from ml.detector_config import DetectorConfig

router = APIRouter(prefix="/detectors")

LABELS = {
    "steps": "steps",
    "batch": "pictures per step",
    "side": "side of the pictures, in pixels",
    "width": "channels of the first level",
    "learning_rate": "highest learning rate",
    "weight_decay": "weight decay",
    "warmup": "share of the steps in which the rate rises",
    "average": "averaged weights: share of the old value",
    "mosaic": "made of four photographs, chance",
    "plain": "share of the steps, at the end, that are shown as they are",
    "colour": "changes of colour and light, strength",
    "validations": "times that it is measured on the way",
    "seed": "seed",
}


@dataclass(frozen=True)
class Work:
    """The training that was started last, or the file that was added after it."""

    progress: JobProgress
    round: DetectorRound | None
    curves: list[Chart]
    detector: TrainedDetector | None


@dataclass(frozen=True)
class Served:
    """A source whose crops could be made anew with the detector that was promoted."""

    code: str
    crops: Recroppable


@dataclass(frozen=True)
class DetectorsPage:
    counts: BoxCounts
    least_boxes: int
    least_photographs: int
    usual_steps: int
    beginnings: list[str]
    """The name of the detector that a training would go on from, if there is one."""
    running: int | None
    """The number of the training that is not over yet."""
    work: Work | None
    listing: Listing
    sources: list[Served]
    """Those that the detector that was promoted serves."""


@dataclass(frozen=True)
class DetectorPage:
    detector: TrainedDetector
    name: str
    serving: str
    comparison: Comparison
    rows: list[Row]
    shares: list[BoxShare]
    pictures: list[Picture]
    curves: list[Chart]
    settings: list[tuple[str, str]]


@router.get("")
def detector_list(
    request: Request, session: Reading, person: Viewer, settings: SettingsDep
) -> HTMLResponse:
    page = DetectorsPage(
        counts=detector_boxes.counts(session),
        least_boxes=MIN_BOXES,
        least_photographs=MIN_PHOTOGRAPHS,
        usual_steps=DetectorConfig().steps,
        beginnings=detector_rounds.beginnings(session, DetectorConfig()),
        running=detector_rounds.running(session),
        work=_work(session),
        listing=detector_figures.listing(session, settings.detector),
        sources=_served(session),
    )
    return render(request, "detectors/list.html", page, person=person)


@router.get("/now")
def detector_now(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    return render(request, "detectors/_now.html", _work(session), person=person)


@router.get("/{detector_id}")
def one_detector(
    request: Request,
    session: Reading,
    person: Viewer,
    settings: SettingsDep,
    detector_id: int,
) -> HTMLResponse:
    detector = detectors.get_detector(session, detector_id)
    round_ = detector.round
    page = DetectorPage(
        detector=detector,
        name=detectors.trained_name(detector_id),
        serving=detectors.resolved(detectors.shared(session), settings.detector),
        comparison=detector_figures.comparison(detector),
        rows=detector_figures.rows(detector),
        shares=detector_boxes.shares(session, round_.id) if round_ is not None else [],
        pictures=detector_figures.sheet(session, detector),
        curves=_curves(session, round_),
        settings=_settings(round_.config) if round_ is not None else [],
    )
    return render(request, "detectors/page.html", page, person=person)


def _work(session: Session) -> Work | None:
    newest = job_progress.recent_jobs(session, kind=JobKind.DETECTOR, limit=1)
    if not newest:
        return None
    (job,) = newest
    round_ = detector_rounds.of_job(session, job.id)
    return Work(
        progress=job_progress.progress(session, job),
        round=round_,
        curves=_curves(session, round_),
        detector=detector_rounds.detector_of(session, round_.id)
        if round_ is not None
        else detectors.of_job(session, job),
    )


def _curves(session: Session, round_: DetectorRound | None) -> list[Chart]:
    if round_ is None:
        return []
    return detector_curves(detector_rounds.points(session, round_.id))


def _served(session: Session) -> list[Served]:
    if not detectors.was_promoted(session):
        return []
    return [
        Served(source.code, recropping.counts(session, source.id))
        for source in sources.all_sources(session)
        if not source.detector
    ]


def _settings(config: Json) -> list[tuple[str, str]]:
    return [(word(LABELS.get(name, name)), f"{value:g}") for name, value in config.items()]
