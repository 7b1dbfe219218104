"""The first page of who came by the link: asks once for the name beside one's decisions."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.errors import Refused
from app.services import browser_sessions, people
from app.web.access import BY_THE_LINK, CallerDep, DatabaseDep
from app.web.rendering import render
from app.web.wording import sentence

router = APIRouter(dependencies=[BY_THE_LINK])


@dataclass(frozen=True)
class WelcomePage:
    name: str
    problem: str


@router.get("/welcome")
def welcome(request: Request) -> HTMLResponse:
    return render(request, "welcome.html", WelcomePage("", ""))


@router.post("/welcome", response_model=None)
def say_name(
    request: Request,
    database: DatabaseDep,
    caller: CallerDep,
    name: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    try:
        with database.transaction() as session:
            person = people.get_or_make(session, name)
            assert caller.session_id is not None  # `by_the_link` has seen to it
            browser_sessions.give_to(session, caller.session_id, person.id)
    except Refused as refused:
        problem = sentence(refused.template, **refused.values)
        return render(request, "welcome.html", WelcomePage(name, problem), status=422)
    return RedirectResponse("/", status_code=303)
