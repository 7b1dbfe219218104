"""Trained models: the list, and one model with what it was made of and how good it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.domain.rounds import ContactSheet, TrainedModel
from app.services import browsing, model_comparison, rounds
from app.services.browsing import LabelShare
from app.services.model_comparison import Comparison, Row, Tables
from app.web.access import CurrentPerson, Reading
from app.web.charts import Chart, curves
from app.web.configuration import Configuration, configuration
from app.web.intervals import Axis
from app.web.rendering import render

router = APIRouter(prefix="/models")


@dataclass(frozen=True)
class ModelsPage:
    models: list[TrainedModel]
    serving_id: int | None


@dataclass(frozen=True)
class ModelPage:
    model: TrainedModel
    serving_id: int | None
    tables: Tables
    comparisons: list[Comparison]
    start: TrainedModel | None
    labels: list[LabelShare]
    curves: list[Chart]
    sheets: Sequence[ContactSheet]
    configuration: Configuration

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


@router.get("")
def model_list(request: Request, session: Reading, person: CurrentPerson) -> HTMLResponse:
    serving = rounds.serving_model(session)
    page = ModelsPage(list(browsing.models(session)), serving.id if serving is not None else None)
    return render(request, "models/list.html", page, person=person)


@router.get("/{model_id}")
def one_model(
    request: Request, session: Reading, person: CurrentPerson, model_id: int
) -> HTMLResponse:
    model = browsing.get_model(session, model_id)
    round_ = model.round
    serving = rounds.serving_model(session)
    page = ModelPage(
        model=model,
        serving_id=serving.id if serving is not None else None,
        tables=model_comparison.tables(session, model_id),
        comparisons=model_comparison.comparisons(session, model_id),
        start=session.get(TrainedModel, round_.start_model_id or 0),
        labels=browsing.label_shares(session, round_.id),
        curves=curves(rounds.epochs(session, round_.id)),
        sheets=browsing.contact_sheets(session, round_.id),
        configuration=configuration(round_.preset, round_.config),
    )
    return render(request, "models/page.html", page, person=person)
