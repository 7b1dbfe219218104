"""Rounds: the list with the way to a new one, and one round as it goes and as it went."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, get_args

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.benchmark import TAG as BENCHMARK
from app.domain.rounds import Round, TrainedModel
from app.domain.steering import RoundSchedule
from app.services import (
    browsing,
    models,
    round_preview,
    round_repeating,
    round_scheduling,
    rounds,
    tags,
)
from app.services.browsing import RoundLine
from app.services.round_composition import Share
from app.services.round_preview import Preview
from app.services.round_repeating import PAGE, FrozenLine
from app.services.rounds import LabelCounts
from app.services.tags import WordInUse
from app.web.access import Reading, Viewer
from app.web.api.rounds import RoundRequest
from app.web.rendering import render
from app.web.round_views import RoundView, RunningView, round_view, running_view
from app.web.wording import title, variant, word
from ml.config import Draw, LossName
from ml.presets import MIN_LABELS, NETWORKS, PRESETS

router = APIRouter(prefix="/rounds")

Choice = tuple[str, str]
"""A code of the domain, and what people read for it."""


@dataclass(frozen=True, kw_only=True)
class RoundList:
    rounds: list[RoundLine]
    running: int | None
    """The number of the round that runs."""


@dataclass(frozen=True, kw_only=True)
class RoundsPage(RoundList):
    labels: LabelCounts
    least_labels: int
    presets: list[str]
    draws: list[Choice]
    networks: list[Choice]
    losses: list[Choice]
    words: list[WordInUse]
    """Of hard groups; the benchmark's is none."""
    models: list[TrainedModel]
    """That may be begun with."""
    schedules: Sequence[tuple[RoundSchedule, str | None]]
    """When rounds start by themselves, the newest first, with who said so."""


@dataclass(frozen=True)
class CompositionPage:
    preview: Preview

    @property
    def origins(self) -> list[Share]:
        """By what people read for them."""
        shares = self.preview.composition.origins
        return [replace(share, name=title(share.name)) for share in shares]


@dataclass(frozen=True)
class FrozenPage:
    round: Round
    labels: Sequence[FrozenLine]
    next: int | None
    """The version after which the next page begins; None on the last one."""


@dataclass(frozen=True)
class RoundPage:
    made: RoundView
    now: RunningView
    again_of: int | None
    """The number of the round that it repeats."""


@router.get("")
def round_list(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    page = RoundsPage(
        rounds=browsing.round_lines(session),
        running=rounds.running(session),
        labels=rounds.label_counts(session),
        least_labels=MIN_LABELS,
        presets=list(PRESETS),
        draws=[(name, variant(name)) for name in get_args(Draw)],
        networks=[(name, word(name)) for name in NETWORKS],
        losses=[(name, word(name)) for name in get_args(LossName)],
        words=[one for one in tags.words_in_use(session) if one.word != BENCHMARK],
        models=list(session.scalars(models.chosen_from().order_by(TrainedModel.id.desc()))),
        schedules=round_scheduling.history(session),
    )
    return render(request, "rounds/list.html", page, person=person)


@router.get("/now")
def list_now(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    page = RoundList(rounds=browsing.round_lines(session), running=rounds.running(session))
    return render(request, "rounds/_list.html", page, person=person)


@router.get("/composition")
def composition(
    request: Request,
    session: Reading,
    person: Viewer,
    wanted: Annotated[RoundRequest, Query()],
) -> HTMLResponse:
    """What the round would be like that the form describes."""
    page = CompositionPage(round_preview.preview(session, wanted.preset, wanted.options()))
    return render(request, "rounds/_composition.html", page, person=person)


@router.get("/{number}")
def one_round(request: Request, session: Reading, person: Viewer, number: int) -> HTMLResponse:
    return render(request, "rounds/page.html", _round_page(session, number), person=person)


@router.get("/{number}/now")
def round_now(request: Request, session: Reading, person: Viewer, number: int) -> HTMLResponse:
    return render(request, "rounds/_now.html", _round_page(session, number), person=person)


@router.get("/{number}/labels")
def round_labels(
    request: Request, session: Reading, person: Viewer, number: int, after: int = 0
) -> HTMLResponse:
    """The frozen training set, a page at a time."""
    round_ = rounds.get_round(session, number)
    found = round_repeating.frozen_page(session, round_.id, after=after)
    page = FrozenPage(round_, found, found[-1].version_id if len(found) == PAGE else None)
    return render(request, "rounds/labels.html", page, person=person)


@router.get("/{number}/after")
def round_after(request: Request, session: Reading, person: Viewer, number: int) -> HTMLResponse:
    return render(request, "rounds/_after.html", _round_page(session, number), person=person)


@router.get("/{number}/sheets")
def round_sheets(request: Request, session: Reading, person: Viewer, number: int) -> HTMLResponse:
    return render(request, "rounds/_sheets.html", _round_page(session, number), person=person)


def _round_page(session: Session, number: int) -> RoundPage:
    round_ = rounds.get_round(session, number)
    earlier = session.get(Round, round_.again_of_id or 0)
    return RoundPage(
        round_view(session, round_),
        running_view(session, round_),
        again_of=earlier.number if earlier is not None else None,
    )
