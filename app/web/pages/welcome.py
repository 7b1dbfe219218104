"""The first page: asks once for the name that stands beside one's decisions."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.errors import Refused
from app.services import people
from app.web.access import DatabaseDep
from app.web.rendering import render
from app.web.wording import sentence

router = APIRouter()


@dataclass(frozen=True)
class WelcomePage:
    name: str
    problem: str


@router.get("/welcome")
def welcome(request: Request) -> HTMLResponse:
    return render(request, "welcome.html", WelcomePage("", ""))


@router.post("/welcome", response_model=None)
def say_name(
    request: Request, database: DatabaseDep, name: Annotated[str, Form()] = ""
) -> HTMLResponse | RedirectResponse:
    try:
        with database.transaction() as session:
            person_id = people.get_or_make(session, name).id
    except Refused as refused:
        problem = sentence(refused.template, **refused.values)
        return render(request, "welcome.html", WelcomePage(name, problem), status=422)
    request.session["person_id"] = person_id
    return RedirectResponse("/", status_code=303)
