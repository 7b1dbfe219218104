"""Who decided what, and when: as a page and as a table for a spreadsheet program."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel, BeforeValidator, Field

from app.domain.labelling import Decision
from app.domain.people import Person
from app.domain.photographs import Source
from app.domain.specimens import Specimen
from app.services import audit, sources
from app.services.audit import PAGE, AuditFilter, AuditLine
from app.web.access import DatabaseDep, Reading, Viewer
from app.web.rendering import render

router = APIRouter()

Blank = BeforeValidator(lambda value: None if value == "" else value)
Number = Annotated[Annotated[int, Field(ge=1, lt=2**31)] | None, Blank]


class Wish(BaseModel):
    """What the form asks for, as it stands in the address."""

    person: Number = None
    source: Number = None
    specimen: Number = None
    decision: Annotated[Decision | None, Blank] = None
    since: Annotated[date | None, Blank] = None
    until: Annotated[date | None, Blank] = None
    offset: Annotated[int, Field(ge=-840, le=840)] = 0
    """Minutes by which the reader's clock is ahead of UTC: days begin by that clock."""
    before: Number = None
    """The review after which the list goes on."""

    @property
    def filter(self) -> AuditFilter:
        after = self.until + timedelta(days=1) if self.until is not None else None
        return AuditFilter(
            person_id=self.person,
            source_id=self.source,
            specimen_id=self.specimen,
            decision=self.decision,
            since=self._begin(self.since),
            until=self._begin(after),
        )

    def query(self, before: int | None = None) -> str:
        values = {**self.model_dump(mode="json"), "before": before}
        return urlencode({name: value for name, value in values.items() if value})

    def _begin(self, day: date | None) -> datetime | None:
        if day is None:
            return None
        zone = timezone(timedelta(minutes=self.offset))
        return datetime.combine(day, time.min, zone).astimezone(UTC)


@dataclass(frozen=True)
class AuditPage:
    wish: Wish
    specimen: Specimen | None
    people: Sequence[Person]
    sources: Sequence[Source]
    lines: list[AuditLine]
    decisions: tuple[Decision, ...] = tuple(Decision)

    @property
    def next_before(self) -> int | None:
        return self.lines[-1].review.id if len(self.lines) == PAGE else None


Asked = Annotated[Wish, Query()]


@router.get("/audit")
def audit_page(request: Request, session: Reading, person: Viewer, wish: Asked) -> HTMLResponse:
    page = AuditPage(
        wish=wish,
        specimen=session.get(Specimen, wish.specimen or 0),
        people=audit.people(session),
        sources=sources.all_sources(session),
        lines=audit.lines(session, wish.filter, before=wish.before),
    )
    return render(request, "audit/page.html", page, person=person)


@router.get("/audit.csv")
def audit_csv(database: DatabaseDep, _person: Viewer, wish: Asked) -> StreamingResponse:
    return StreamingResponse(
        audit.csv_pieces(database, wish.filter),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="mothmask-audit.csv"'},
    )
