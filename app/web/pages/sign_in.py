"""Coming in with a password, going out again, and the first admin."""

import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.db import Database
from app.domain.people import SignIn
from app.errors import MothmaskError, NotFound, NotSignedIn
from app.services import accounts, browser_sessions, signing_in
from app.settings import Settings
from app.web.access import ANYBODY, CallerDep, DatabaseDep, SettingsDep, expect_passwords
from app.web.cookies import COOKIE, lifetime, set_cookie
from app.web.rendering import render
from app.web.wording import sentence

router = APIRouter(dependencies=[ANYBODY])

Text = Annotated[str, Form(max_length=1000)]


@dataclass(frozen=True)
class SignInPage:
    then: str
    """The page that was asked for."""
    by_openid: bool
    name: str = ""
    problem: str = ""


@dataclass(frozen=True)
class FirstAdminPage:
    token: str
    name: str = ""
    problem: str = ""


@router.get("/sign-in", response_model=None)
def sign_in_page(
    request: Request, settings: SettingsDep, caller: CallerDep, then: str = "/"
) -> HTMLResponse | RedirectResponse:
    expect_passwords(settings)
    if caller.person is not None:
        return RedirectResponse(own_path(then), status_code=303)
    return render(request, "people/sign_in.html", _page(settings, then))


@router.post("/sign-in", response_model=None)
def sign_in(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    name: Text = "",
    password: Text = "",
    then: Text = "/",
) -> HTMLResponse | RedirectResponse:
    expect_passwords(settings)
    address = request.client.host if request.client else ""
    try:
        person_id = signing_in.by_password(database, name, password, address)
    except MothmaskError as refused:
        problem = sentence(refused.template, **refused.values)
        page = _page(settings, then, name=name, problem=problem)
        return render(request, "people/sign_in.html", page, status=refused.status)
    return let_in(request, database, settings, SignIn.PASSWORD, person_id, then)


@router.post("/sign-out")
def sign_out(database: DatabaseDep, caller: CallerDep) -> RedirectResponse:
    if caller.session_id is not None and caller.person is not None:
        with database.transaction() as session:
            browser_sessions.end(session, caller.person.id, caller.session_id)
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/first-admin")
def first_admin_page(
    request: Request, database: DatabaseDep, settings: SettingsDep, token: str = ""
) -> HTMLResponse:
    _expect_no_admin(database, settings)
    _expect_token(settings, token)
    return render(request, "people/first_admin.html", FirstAdminPage(token))


@router.post("/first-admin", response_model=None)
def make_first_admin(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    token: Text = "",
    name: Text = "",
    password: Text = "",
) -> HTMLResponse | RedirectResponse:
    _expect_no_admin(database, settings)
    _expect_token(settings, token)
    try:
        with database.transaction() as session:
            person_id = accounts.add_first_admin(session, name, password).person_id
    except MothmaskError as refused:
        problem = sentence(refused.template, **refused.values)
        page = FirstAdminPage(token, name, problem)
        return render(request, "people/first_admin.html", page, status=refused.status)
    return let_in(request, database, settings, SignIn.PASSWORD, person_id, "/")


def let_in(
    request: Request,
    database: Database,
    settings: Settings,
    sign_in: SignIn,
    person_id: int,
    then: str,
) -> RedirectResponse:
    """With a new secret: one that somebody has put into the browser before must not count."""
    lasts = lifetime(settings, sign_in)
    with database.transaction() as session:
        browser = request.headers.get("user-agent", "")
        _, secret = browser_sessions.begin(
            session, sign_in, person_id, browser=browser, lifetime=lasts
        )
    answer = RedirectResponse(own_path(then), status_code=303)
    set_cookie(request, answer, secret, lasts)
    return answer


def own_path(wanted: str) -> str:
    """A path of ours; browsers take `//host` and `/\\host` for other sites."""
    is_own = wanted.startswith("/") and wanted[1:2] not in ("/", "\\") and wanted.isprintable()
    return wanted if is_own else "/"


def _page(settings: Settings, then: str, *, name: str = "", problem: str = "") -> SignInPage:
    return SignInPage(own_path(then), settings.sign_in is SignIn.OPENID, name, problem)


def _expect_no_admin(database: Database, settings: Settings) -> None:
    expect_passwords(settings)
    with database.reading() as session:
        if accounts.has_admin(session):
            raise NotFound("There is an admin already; sign in, or ask them for an account.")


def _expect_token(settings: Settings, token: str) -> None:
    wanted = settings.token.get_secret_value()
    if not wanted or not secrets.compare_digest(token.encode(), wanted.encode()):
        raise NotSignedIn("Please open the link that Mothmask printed when it started.")
