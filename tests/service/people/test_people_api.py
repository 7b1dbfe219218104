"""Admins give accounts; everybody has tokens for their programs."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.db import Database
from app.domain.people import Account, ApiToken, Role, SignIn
from app.errors import Conflict
from app.services import accounts, people
from tests.conftest import MovableClock
from tests.service.people.conftest import PASSWORD, Server, add, sign_in
from tests.service.web.conftest import TOKEN, browser

TOKENS = "/api/v1/account/tokens"
A_DAY = 24 * 3600


@pytest.fixture
def admin(app: FastAPI, db: Database) -> TestClient:
    add(db, "Ada", Role.ADMIN)
    return sign_in(app, "Ada")


def test_an_admin_adds_somebody_and_hands_over_a_password(app: FastAPI, admin: TestClient) -> None:
    handed = admin.post("/api/v1/people", json={"name": " 林  小姐 ", "role": "curator"}).json()
    assert handed["name"] == "林 小姐"
    sign_in(app, "林 小姐", handed["password"])
    listed = {one["name"]: one["role"] for one in admin.get("/api/v1/people").json()}
    assert listed == {"Ada": "admin", "林 小姐": "curator"}
    assert "林 小姐" in admin.get("/people").text
    assert handed["password"] not in admin.get("/people").text
    assert admin.post("/api/v1/people", json={"name": "林 小姐"}).status_code == 409


def test_who_decided_by_the_link_gets_an_account_under_their_name(
    admin: TestClient, db: Database
) -> None:
    with db.transaction() as session:
        person_id = people.get_or_make(session, "Lin").id
    handed = admin.post("/api/v1/people", json={"name": "Lin"}).json()
    assert handed["id"] == person_id


def test_a_closed_account_keeps_its_name_and_opens_again(
    app: FastAPI, admin: TestClient, db: Database
) -> None:
    lin = add(db, "Lin")
    client = sign_in(app, "Lin")
    token = client.post(TOKENS, json={"name": "x", "scope": "viewer", "days": 9}).json()["token"]
    assert admin.post(f"/api/v1/people/{lin}/closing").status_code == 204
    for asked in (
        client.get("/api/v1/status"),
        browser(app).get("/api/v1/status", headers={"authorization": f"Bearer {token}"}),
    ):
        assert asked.status_code == 401
    handed = admin.post("/api/v1/people", json={"name": "Lin", "role": "viewer"}).json()
    assert handed["id"] == lin
    sign_in(app, "Lin", handed["password"])
    with db.reading() as session:
        assert session.query(ApiToken).one().revoked_at is not None, "what was revoked stays so"


def test_the_log_says_who_changed_whose_account_and_no_secret(
    app: FastAPI, admin: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    handed = admin.post("/api/v1/people", json={"name": "Lin"}).json()
    one = f"/api/v1/people/{handed['id']}"
    admin.patch(one, json={"role": "lead"})
    secrets = [PASSWORD, handed["password"], admin.post(f"{one}/password").json()["password"]]
    lin = sign_in(app, "Lin", secrets[-1])
    made = lin.post(TOKENS, json={"name": "x", "scope": "viewer", "days": 9}).json()
    program = browser(app)
    program.get("/no-such-page", headers={"authorization": f"Bearer {made['token']}"})
    lin.post("/sign-in", data={"name": "Lin", "password": "wrong password"})
    admin.post(f"{one}/closing")
    said = [record.getMessage() for record in caplog.records]
    for sentence in (
        "Ada gave Lin an account as curator.",
        "Ada makes Lin lead.",
        "Ada gave Lin a new password.",
        "Ada closed the account of Lin.",
    ):
        assert sentence in said
    secrets += [made["token"], "wrong password", lin.cookies["mothmask"], admin.cookies["mothmask"]]
    assert not [secret for secret in secrets if secret in caplog.text]


def test_the_last_admin_stays(admin: TestClient, db: Database) -> None:
    with db.reading() as session:
        ada = session.query(Account).one().person_id
    assert admin.post(f"/api/v1/people/{ada}/closing").status_code == 409
    assert admin.patch(f"/api/v1/people/{ada}", json={"role": "lead"}).status_code == 409
    assert admin.patch(f"/api/v1/people/{ada}", json={"role": "admin"}).status_code == 200
    eve = admin.post("/api/v1/people", json={"name": "Eve", "role": "admin"}).json()["id"]
    assert admin.post(f"/api/v1/people/{eve}/closing").status_code == 204


def test_two_admins_who_remove_each_other_leave_one(db: Database) -> None:
    pair = [add(db, "Ada", Role.ADMIN), add(db, "Eve", Role.ADMIN)]

    def close(person_id: int) -> bool:
        try:
            with db.transaction() as session:
                accounts.close(session, accounts.of_person(session, person_id))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(close, pair)) == [False, True]


def test_a_handed_password_signs_out_and_is_shown_once(
    app: FastAPI, admin: TestClient, db: Database
) -> None:
    lin = add(db, "Lin")
    client = sign_in(app, "Lin")
    handed = admin.post(f"/api/v1/people/{lin}/password").json()["password"]
    assert client.get("/api/v1/status").status_code == 401
    sign_in(app, "Lin", handed)


def token_of(client: TestClient, scope: str, days: int = 30) -> dict[str, str]:
    made = client.post(TOKENS, json={"name": "script", "scope": scope, "days": days})
    assert made.status_code == 201, made.text
    return {"authorization": f"Bearer {made.json()['token']}"}


def test_a_token_acts_as_its_person_within_its_scope(app: FastAPI, db: Database) -> None:
    add(db, "Lin", Role.CURATOR)
    client, program = sign_in(app, "Lin"), browser(app)
    reading, deciding = token_of(client, "viewer"), token_of(client, "curator")
    tagging = "/api/v1/tags"
    wanted = {"specimens": [], "word": "x"}
    del program.headers["origin"]  # programs have none
    assert program.get("/api/v1/status", headers=reading).status_code == 200
    assert program.post(tagging, json=wanted, headers=reading).status_code == 403
    assert program.post(tagging, json=wanted, headers=deciding).status_code not in (401, 403)
    assert program.post("/api/v1/strata", headers=deciding).status_code == 403


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"name": "x", "scope": "lead", "days": 30}, 403),
        ({"name": "x", "scope": "curator", "days": 0}, 422),
        ({"name": "x", "scope": "curator", "days": 367}, 422),
        ({"name": "  ", "scope": "curator", "days": 30}, 422),
        ({"name": "x", "scope": "owner", "days": 30}, 422),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_tokens_that_are_refused(
    app: FastAPI, db: Database, wanted: dict[str, object], status: int
) -> None:
    add(db, "Lin", Role.CURATOR)
    assert sign_in(app, "Lin").post(TOKENS, json=wanted).status_code == status


def test_a_token_is_shown_once_ends_and_can_be_revoked(
    app: FastAPI, db: Database, clock: MovableClock
) -> None:
    add(db, "Lin")
    add(db, "Eve")
    client = sign_in(app, "Lin")
    one, other = token_of(client, "viewer", days=2), token_of(client, "viewer", days=20)
    secret = one["authorization"].split()[1]
    listed = client.get(TOKENS)
    assert secret not in listed.text
    assert secret not in client.get("/account").text
    clock.move(seconds=3 * A_DAY)
    assert browser(app).get("/api/v1/status", headers=one).status_code == 401
    assert browser(app).get("/api/v1/status", headers=other).status_code == 200
    number = listed.json()[0]["id"]
    assert sign_in(app, "Eve").delete(f"{TOKENS}/{number}").status_code == 404
    assert client.delete(f"{TOKENS}/{number}").status_code == 204
    assert browser(app).get("/api/v1/status", headers=other).status_code == 401


def test_a_token_loses_what_its_person_loses(app: FastAPI, db: Database) -> None:
    add(db, "Lin", Role.LEAD)
    token = token_of(sign_in(app, "Lin"), "lead")
    with db.transaction() as session:
        accounts.set_role(session, accounts.called(session, "Lin"), Role.VIEWER)
    assert browser(app).post("/api/v1/strata", headers=token).status_code == 403
    assert browser(app).get("/api/v1/status", headers=token).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", TOKENS),
        ("GET", TOKENS),
        ("POST", "/api/v1/account/password"),
        ("POST", "/api/v1/people"),
        ("GET", "/account"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_stolen_token_makes_no_other(app: FastAPI, db: Database, method: str, path: str) -> None:
    add(db, "Ada", Role.ADMIN)
    token = token_of(sign_in(app, "Ada"), "admin")
    assert browser(app).request(method, path, headers=token).status_code == 403


def test_without_accounts_there_are_no_roles_to_give(server: Server) -> None:
    client = browser(server(sign_in=SignIn.LINK))
    client.get("/", params={"token": TOKEN})
    client.post("/welcome", data={"name": "Lin"})
    assert client.post("/api/v1/people", json={"name": "Eve"}).status_code == 404
    assert client.get("/people").status_code == 404
    account = client.get("/account")
    assert account.status_code == 200
    assert 'href="/people"' not in account.text
