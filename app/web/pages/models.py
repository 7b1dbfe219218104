"""Trained models: the list, and one model with what it was made of and how good it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.domain.rounds import Promotion, TrainedModel
from app.domain.steering import ModelVerdict
from app.services import (
    benchmark_members,
    browsing,
    model_changes,
    model_comparison,
    models,
    win_rates,
)
from app.services.model_changes import Changes
from app.services.model_comparison import Comparison, Row, Tables
from app.services.win_rates import WinRates
from app.web.access import Reading, Viewer
from app.web.intervals import Axis
from app.web.rendering import render
from app.web.round_views import RoundView, round_view

router = APIRouter(prefix="/models")


@dataclass(frozen=True)
class ModelsPage:
    models: list[TrainedModel]
    discarded: list[TrainedModel]
    serving_id: int | None
    promotions: Sequence[tuple[Promotion, str]]
    """With the names of who did it."""
    wins: WinRates
    strata_names: dict[int, str]


@dataclass(frozen=True)
class ModelPage:
    model: TrainedModel
    serving_id: int | None
    discarded: bool
    verdicts: Sequence[tuple[ModelVerdict, str | None]]
    tables: Tables
    comparisons: list[Comparison]
    made: RoundView

    @property
    def dice_axis(self) -> Axis:
        """One for all rows of the tables, so that they can be compared by eye."""
        found = self.tables
        single = [found.overall, found.validation, found.benchmark]
        rows: list[Row | None] = [*single, *found.strata, *found.sources, *found.tags]
        return Axis.around((row.dice for row in rows if row is not None), containing=1.0)

    @property
    def difference_axis(self) -> Axis:
        return Axis.around((each.difference for each in self.comparisons), containing=0.0)


@dataclass(frozen=True)
class AgainstPage:
    """A model against the one that serves."""

    model: TrainedModel
    serving_id: int | None
    discarded: bool
    changes: Changes | None

    @property
    def axis(self) -> Axis:
        groups = self.changes.groups if self.changes is not None else []
        return Axis.around((group.difference for group in groups), containing=0.0)


@router.get("")
def model_list(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    serving = models.serving(session)
    gone = models.discarded_ids(session)
    every = browsing.models(session)
    page = ModelsPage(
        models=[model for model in every if model.id not in gone],
        discarded=[model for model in every if model.id in gone],
        serving_id=serving.id if serving is not None else None,
        promotions=models.promotions(session),
        wins=win_rates.win_rates(session),
        strata_names=benchmark_members.stratum_names(session),
    )
    return render(request, "models/list.html", page, person=person)


@router.get("/{model_id}")
def one_model(request: Request, session: Reading, person: Viewer, model_id: int) -> HTMLResponse:
    model = browsing.get_model(session, model_id)
    serving = models.serving(session)
    page = ModelPage(
        model=model,
        serving_id=serving.id if serving is not None else None,
        discarded=model_id in models.discarded_ids(session),
        verdicts=models.verdicts(session, model_id),
        tables=model_comparison.tables(session, model_id),
        comparisons=model_comparison.comparisons(session, model_id),
        made=round_view(session, model.round, model.variant),
    )
    return render(request, "models/page.html", page, person=person)


@router.get("/{model_id}/against")
def against(request: Request, session: Reading, person: Viewer, model_id: int) -> HTMLResponse:
    """What the pages of models and rounds load after the rest, as it is much to calculate."""
    model = browsing.get_model(session, model_id)
    serving = models.serving(session)
    page = AgainstPage(
        model=model,
        serving_id=serving.id if serving is not None else None,
        discarded=model_id in models.discarded_ids(session),
        changes=model_changes.changes(session, model),
    )
    return render(request, "models/_against.html", page, person=person)
