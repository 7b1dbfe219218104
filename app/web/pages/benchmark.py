"""The benchmark: members by models, one member with its masks side by side, and a proposal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.benchmark import BenchmarkChange, SecondLabel
from app.domain.people import Person
from app.errors import Refused
from app.services import (
    benchmark,
    benchmark_member,
    benchmark_proposing,
    benchmark_table,
    models,
    second_labels,
)
from app.services.benchmark_member import MemberMasks
from app.services.benchmark_proposing import Proposal
from app.services.benchmark_table import BenchmarkTable, Sort, Wanted
from app.web.access import Reading, Viewer
from app.web.benchmark_chart import BenchmarkChart, benchmark_charts
from app.web.rendering import render
from app.web.wording import sentence

router = APIRouter(prefix="/benchmark")

USUAL_PROPOSAL = 24
Stratum = Annotated[str, Query(pattern=r"^\d{0,6}$")]


@dataclass(frozen=True)
class BenchmarkPage:
    table: BenchmarkTable
    charts: list[BenchmarkChart]
    query: str
    """The filters and the order, for addresses of other pages of the table."""
    usual_proposal: int
    most_proposed: int


@dataclass(frozen=True)
class ProposalPage:
    count: int
    proposed: list[Proposal]
    most: int


@dataclass(frozen=True)
class MemberPage:
    masks: MemberMasks
    changes: Sequence[tuple[BenchmarkChange, Person | None]]
    seconds: Sequence[tuple[SecondLabel, str]]
    serving_id: int | None
    refusal: str
    """Why whoever looks cannot be the second person; empty if they can."""
    decision_id: str
    """For a mask that is uploaded from this page."""


@router.get("")
def benchmark_list(
    request: Request,
    session: Reading,
    person: Viewer,
    sort: Sort = Sort.WORST,
    source: Annotated[str, Query(max_length=60)] = "",
    stratum: Stratum = "",
    tag: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    wanted = Wanted(sort, source, int(stratum) if stratum else None, tag, page)
    table = benchmark_table.table(session, wanted)
    found = BenchmarkPage(
        table=table,
        charts=benchmark_charts(table.time, table.serving_id),
        query=str(request.url.remove_query_params("page").query),
        usual_proposal=USUAL_PROPOSAL,
        most_proposed=benchmark_proposing.MOST,
    )
    return render(request, "benchmark/page.html", found, person=person)


@router.get("/proposal")
def proposal(
    request: Request,
    session: Reading,
    person: Viewer,
    count: Annotated[int, Query(ge=1, le=benchmark_proposing.MOST)] = USUAL_PROPOSAL,
) -> HTMLResponse:
    found = benchmark_proposing.propose(session, count)
    page = ProposalPage(count, found, benchmark_proposing.MOST)
    return render(request, "benchmark/proposal.html", page, person=person)


@router.get("/{specimen_id}")
def member(
    request: Request,
    session: Reading,
    person: Viewer,
    specimen_id: int,
    model: int | None = None,
    against: int | None = None,
) -> HTMLResponse:
    """`model` beside the label, or beside the mask of the model `against`."""
    serving = models.serving(session)
    page = MemberPage(
        masks=benchmark_member.masks(session, specimen_id, model, against),
        changes=benchmark.changes(session, specimen_id),
        seconds=second_labels.of_specimen(session, specimen_id),
        serving_id=serving.id if serving is not None else None,
        refusal=_refusal(session, person.id, specimen_id),
        decision_id=uuid4().hex,
    )
    return render(request, "benchmark/member.html", page, person=person)


def _refusal(session: Session, person_id: int, specimen_id: int) -> str:
    try:
        second_labels.expect_fair(session, person_id, specimen_id)
    except Refused as refused:
        return sentence(refused.template, **refused.values)
    return ""
