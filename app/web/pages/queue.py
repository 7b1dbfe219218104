"""What is reviewed next: why, by whose weights, by whom, and what ended meanwhile."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.notices import Notice
from app.domain.people import Person
from app.domain.queue import QueueRule
from app.services import assignments, notices, people, queue_rule, sources, stop_advice
from app.services.assignments import Progress
from app.services.queue_score import DEFAULT, Weights
from app.services.stop_advice import StopAdvice
from app.web.access import Reading, SettingsDep, Viewer
from app.web.pages.review import limits
from app.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class QueuePage:
    weights: Weights
    rules: list[QueueRule]
    advice: StopAdvice
    default: Weights = DEFAULT


@dataclass(frozen=True)
class AssignmentsPage:
    open: list[Progress]
    people: list[Person]
    sources: list[str]


@dataclass(frozen=True)
class NoticesPage:
    notices: list[Notice]
    unread: int


@router.get("/queue")
def queue(
    request: Request, session: Reading, person: Viewer, settings: SettingsDep
) -> HTMLResponse:
    page = QueuePage(
        weights=queue_rule.weights(session),
        rules=queue_rule.rules(session),
        advice=stop_advice.advise(session, limits(settings)),
    )
    return render(request, "queue/page.html", page, person=person)


@router.get("/assignments")
def all_assignments(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    page = AssignmentsPage(
        open=assignments.open_ones(session),
        people=people.reviewers(session),
        sources=_codes(session),
    )
    return render(request, "queue/assignments.html", page, person=person)


@router.get("/notices")
def all_notices(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    page = NoticesPage(notices.newest(session), notices.unread(session, person.id))
    return render(request, "queue/notices.html", page, person=person)


def _codes(session: Session) -> list[str]:
    return [source.code for source in sources.all_sources(session)]
