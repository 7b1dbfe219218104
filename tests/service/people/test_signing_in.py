"""Passwords, browsers that are let in, and few guesses."""

import time

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Account, BrowserSession, Role, SignIn
from app.services import accounts, people
from app.services.passwords import fits, hashed
from app.web.callers import LATELY_SECONDS
from tests.conftest import MovableClock
from tests.service.people.conftest import PASSWORD, Server, add, sign_in
from tests.service.web.conftest import TOKEN, browser

A_DAY = 24 * 3600


def try_in(client: TestClient, name: str, password: str) -> int:
    answer = client.post("/sign-in", data={"name": name, "password": password})
    return int(answer.status_code)


@pytest.mark.parametrize(
    ("password", "tried", "is_right"),
    [
        ("a long enough password", "a long enough password", True),
        ("a long enough password", "a long enough passwore", False),
        ("a long enough password", "", False),
        ("密碼密碼密碼密碼密碼", "密碼密碼密碼密碼密碼", True),
        ("caf\u00e9 caf\u00e9 caf\u00e9", "cafe\u0301 cafe\u0301 cafe\u0301", True),
    ],
)
def test_a_password_is_the_same_however_it_was_typed(
    password: str, tried: str, is_right: bool
) -> None:
    kept = hashed(password, name="Lin")
    assert kept.startswith("$argon2id$")
    assert password not in kept
    assert fits(tried, kept) is is_right


def test_who_has_no_password_has_none_that_is_empty() -> None:
    assert not fits("", None)
    assert not fits("nobody", None)


def test_signing_in_and_out(app: FastAPI, db: Database) -> None:
    add(db, "林 小姐")
    client = sign_in(app, "林  小姐")
    assert "林 小姐" in client.get("/account").text
    cookie = client.cookies["mothmask"]
    client.post("/sign-out")
    client.cookies.set("mothmask", cookie)
    assert client.get("/api/v1/status").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: FastAPI, db: Database) -> None:
    add(db, "Lin")
    data = {"name": "Lin", "password": PASSWORD}
    plain = browser(app).post("/sign-in", data=data, follow_redirects=False)
    assert "HttpOnly" in plain.headers["set-cookie"]
    assert "SameSite=lax" in plain.headers["set-cookie"]
    https = browser(app)
    https.base_url = "https://localhost"
    kept = https.post(
        "/sign-in", data=data, follow_redirects=False, headers={"origin": "https://localhost"}
    )
    assert "Secure" in kept.headers["set-cookie"]


def test_the_database_holds_no_secret_that_opens_anything(app: FastAPI, db: Database) -> None:
    add(db, "Lin")
    secret = sign_in(app, "Lin").cookies["mothmask"]
    with db.reading() as session:
        kept = session.query(BrowserSession).one()
        assert secret not in (kept.secret_hash, kept.browser)


@pytest.mark.parametrize(
    "then", ["//attacker.example", "/\\attacker.example", "https://attacker.example", "x", ""]
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_nobody_is_led_to_another_site(app: FastAPI, db: Database, then: str) -> None:
    add(db, "Lin")
    data = {"name": "Lin", "password": PASSWORD, "then": then}
    answer = browser(app).post("/sign-in", data=data, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_a_page_that_was_asked_for_comes_after_signing_in(app: FastAPI, db: Database) -> None:
    add(db, "Lin")
    client = browser(app)
    asked = client.get("/specimens?q=ab&source=X", follow_redirects=False)
    assert asked.headers["location"] == "/sign-in?then=%2Fspecimens%3Fq%3Dab%26source%3DX"
    assert 'value="/specimens?q=ab&amp;source=X"' in client.get(asked.headers["location"]).text


def test_wrong_passwords_are_few(app: FastAPI, db: Database, clock: MovableClock) -> None:
    add(db, "Lin")
    add(db, "Ada")
    client, elsewhere = browser(app), browser(app, "10.0.0.9")
    assert [try_in(client, "Lin", "wrong") for _ in range(6)] == [401] * 5 + [429]
    assert try_in(client, "Lin", PASSWORD) == 429
    assert try_in(client, "Ada", PASSWORD) == 200, "another name from there"
    assert try_in(elsewhere, "Lin", PASSWORD) == 200, "the same name from elsewhere"
    clock.move(seconds=15 * 60)
    assert try_in(browser(app), "Lin", PASSWORD) == 200


def test_right_passwords_are_not_counted(app: FastAPI, db: Database) -> None:
    add(db, "Lin")
    assert [try_in(browser(app), "Lin", PASSWORD) for _ in range(7)] == [200] * 7


def test_many_addresses_do_not_help_to_guess(app: FastAPI, db: Database) -> None:
    add(db, "Lin")
    tried = [try_in(browser(app, f"10.0.0.{n}"), "Lin", "wrong") for n in range(51)]
    assert tried == [401] * 50 + [429]


def test_unknown_names_get_the_answer_of_wrong_passwords(app: FastAPI, db: Database) -> None:
    add(db, "Lin")
    with db.transaction() as session:
        people.get_or_make(session, "came by the link once")
    sentences = {
        browser(app).post("/api/v1/nothing").status_code,
        *(try_in(browser(app), name, "x") for name in ("Lin", "Nobody", "came by the link once")),
    }
    assert sentences == {401}


def test_a_browser_that_is_not_used_is_signed_out(
    server: Server, db: Database, clock: MovableClock
) -> None:
    app = server(session_days=2)
    add(db, "Lin")
    client = sign_in(app, "Lin")
    for _ in range(3):
        clock.move(seconds=1.5 * A_DAY)
        assert client.get("/api/v1/status").status_code == 200
    clock.move(seconds=2.5 * A_DAY)
    assert client.get("/api/v1/status").status_code == 401


def test_a_new_password_signs_out_other_browsers(app: FastAPI, db: Database) -> None:
    add(db, "Lin")
    here, there = sign_in(app, "Lin"), sign_in(app, "Lin")
    change = "/api/v1/account/password"
    assert here.post(change, json={"old": "wrong", "new": "x" * 20}).status_code == 422
    assert here.post(change, json={"old": PASSWORD, "new": "short"}).status_code == 422
    assert here.post(change, json={"old": PASSWORD, "new": "another password"}).status_code == 204
    assert here.get("/api/v1/status").status_code == 200
    assert there.get("/api/v1/status").status_code == 401
    assert try_in(browser(app), "Lin", PASSWORD) == 401
    sign_in(app, "Lin", "another password")


def test_one_browser_is_signed_out_from_another(app: FastAPI, db: Database) -> None:
    add(db, "Lin")
    add(db, "Ada")
    here, there, other = sign_in(app, "Lin"), sign_in(app, "Lin"), sign_in(app, "Ada")
    with db.reading() as session:
        kept = {one.secret_hash: one.id for one in session.query(BrowserSession)}
    assert len(kept) == 3
    second = sorted(kept.values())[1]
    other.delete(f"/api/v1/account/sessions/{second}")
    assert there.get("/api/v1/status").status_code == 200, "nobody else can"
    here.delete(f"/api/v1/account/sessions/{second}")
    assert there.get("/api/v1/status").status_code == 401
    assert here.get("/api/v1/status").status_code == 200


def test_pictures_alone_may_still_be_had_for_seconds(
    app: FastAPI, db: Database, blobs: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = f"/pictures/blobs/{blobs.put(b'a picture')}.png"
    add(db, "Lin")
    here, there = sign_in(app, "Lin"), sign_in(app, "Lin")
    moment = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: moment)
    assert here.get(picture).content == b"a picture"
    with db.transaction() as session:
        accounts.close(session, accounts.called(session, "Lin"))
    assert here.get("/api/v1/status").status_code == 401
    assert here.get(picture).content == b"a picture"
    assert there.get(picture).content != b"a picture", "it had asked for none"
    moment += LATELY_SECONDS
    assert here.get(picture).content != b"a picture"


def test_the_first_admin_is_made_once_and_by_the_printed_link(app: FastAPI, db: Database) -> None:
    client, page = browser(app), "/first-admin"
    account = {"name": "Lin", "password": PASSWORD}
    assert client.get(page, params={"token": "guessed"}, follow_redirects=False).status_code == 303
    stranger = client.post(page, data={"token": "guessed", **account}, follow_redirects=False)
    assert stranger.headers["location"] == "/sign-in"
    assert client.get(page, params={"token": TOKEN}).status_code == 200
    assert client.post(page, data={"token": TOKEN, "name": "Lin"}).status_code == 422
    made = client.post(page, data={"token": TOKEN, **account})
    assert made.url.path == "/"
    with db.reading() as session:
        assert [one.role for one in session.query(Account)] == [Role.ADMIN]
    again = browser(app).post(page, data={"token": TOKEN, "name": "Eve", "password": PASSWORD})
    assert again.status_code == 404


def test_what_the_link_let_in_does_not_count_with_accounts(server: Server, db: Database) -> None:
    """By the link anybody could have taken the admin's name."""
    add(db, "Lin", Role.ADMIN)
    client = browser(server(sign_in=SignIn.LINK))
    client.get("/", params={"token": TOKEN})
    client.post("/welcome", data={"name": "Lin"})
    wanted = {"name": "script", "scope": "admin", "days": 1}
    token = client.post("/api/v1/account/tokens", json=wanted).json()["token"]
    later = browser(server())
    later.cookies.set("mothmask", client.cookies["mothmask"])
    assert later.get("/api/v1/status").status_code == 401
    bearer = {"authorization": f"Bearer {token}"}
    assert browser(server()).get("/api/v1/status", headers=bearer).status_code == 401
    assert browser(server(sign_in=SignIn.LINK)).get("/api/v1/status", headers=bearer).is_success


def test_a_role_counts_at_once(app: FastAPI, db: Database) -> None:
    add(db, "Lin", Role.VIEWER)
    client = sign_in(app, "Lin")
    wanted = {"word": "white wing"}
    assert client.post("/api/v1/strata", json=wanted).status_code == 403
    with db.transaction() as session:
        accounts.set_role(session, accounts.called(session, "Lin"), Role.LEAD)
    assert client.post("/api/v1/strata", json=wanted).status_code != 403


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_who_has_signed_in_is_asked_for_no_other_name(app: FastAPI, db: Database) -> None:
    add(db, "Lin")
    client = sign_in(app, "Lin")
    assert client.get("/welcome").status_code == 404
    assert client.post("/welcome", data={"name": "Eve"}).status_code == 404


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_wrong_password_is_logged_without_what_was_typed(
    app: FastAPI, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    add(db, "Lin")
    try_in(browser(app, "10.0.0.7"), "my secret by mistake", "another secret")
    assert "10.0.0.7" in caplog.text
    assert "secret" not in caplog.text
