"""Every route says who may use it, and lets in nobody else."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.routing import Mount

from app.db import Database
from app.domain.people import Role
from app.services import accounts
from app.web.access import May, anybody, by_the_link
from tests.service.people.conftest import add, sign_in
from tests.service.web.conftest import browser

Declared = Role | str

FILLS = {"old": "1", "new": "2", "code": "labels", "name": "keys"}


def declared(app: FastAPI) -> dict[tuple[str, str], list[Declared]]:
    """Who may use each route, by method and path."""
    return {
        (method, str(route.path)): list(_declarations(route.dependant))
        for route in iter_route_contexts(app.routes)
        if not isinstance(route.route, Mount)
        for method in route.methods or ()
    }


def _declarations(dependant: Dependant) -> Iterator[Declared]:
    for below in dependant.dependencies:
        if isinstance(below.call, May):
            yield below.call.role
        elif below.call in (anybody, by_the_link):
            yield below.call.__name__
        yield from _declarations(below)


def address(path: str) -> str:
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: FILLS.get(found[1], "999999"), path)


def ask(client: TestClient, method: str, path: str, **headers: str) -> int:
    """Without what the route needs: who may use it comes before what was sent."""
    answer = client.request(method, address(path), follow_redirects=False, headers=headers)
    return int(answer.status_code)


def test_every_route_declares_who_may_use_it(app: FastAPI) -> None:
    found = declared(app)
    assert len(found) > 150
    assert {route: says for route, says in found.items() if len(set(says)) != 1} == {}


def test_few_routes_are_for_anybody(app: FastAPI) -> None:
    """A route that is added here has to be added here too."""
    assert {path for (_, path), says in declared(app).items() if says == ["anybody"]} == {
        "/sign-in",
        "/sign-in/openid",
        "/sign-in/openid/return",
        "/sign-out",
        "/first-admin",
        "/health",
        "/ready",
    }


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_nobody_gets_in_anywhere(app: FastAPI, stranger: TestClient) -> None:
    for (method, path), says in declared(app).items():
        if says == ["anybody"]:
            continue
        answer = stranger.request(method, address(path), follow_redirects=False)
        if path.startswith("/api/"):
            assert answer.status_code == 401, (method, path)
        else:
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/sign-in"), (method, path)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("role", Role)
def test_each_role_reaches_what_is_declared_for_it(app: FastAPI, db: Database, role: Role) -> None:
    add(db, "Lin", role)
    add(db, "Somebody else", Role.ADMIN)
    client = sign_in(app, "Lin")
    for (method, path), says in declared(app).items():
        if not isinstance(says[0], Role):
            continue
        status = ask(client, method, path)
        assert (status == 403) is not role.includes(says[0]), (method, path, status)
        assert status not in (401, 303, 500), (method, path, status)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_no_other_site_changes_anything(app: FastAPI, db: Database) -> None:
    add(db, "Lin", Role.ADMIN)
    client = sign_in(app, "Lin")
    for method, path in declared(app):
        if method in ("GET", "HEAD"):
            continue
        for headers in (
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "https://attacker.example"},
            {"origin": "null"},
            {"origin": ""},
        ):
            assert ask(client, method, path, **headers) == 403, (method, path, headers)
    assert client.get("/data").status_code == 200


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_closed_account_reaches_nothing(app: FastAPI, db: Database) -> None:
    add(db, "Lin")
    client = sign_in(app, "Lin")
    with db.transaction() as session:
        accounts.close(session, accounts.called(session, "Lin"))
    assert client.get("/data", follow_redirects=False).status_code == 303
    assert client.get("/api/v1/status").status_code == 401
    with pytest.raises(AssertionError, match="Name or password is not right"):
        sign_in(app, "Lin")
    assert browser(app).get("/api/v1/status").status_code == 401
