"""Sign-in by what others say: a reverse proxy, an OpenID provider."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from app.db import Database
from app.domain.people import Account, Role, SignIn
from app.services import accounts, people
from tests.service.people.conftest import Server, add, sign_in
from tests.service.people.provider import CLIENT, SECRET, Provider, running_provider
from tests.service.web.conftest import ORIGIN, browser

PROXY = "10.0.0.2"
STATUS = "/api/v1/status"


def by_proxy(server: Server, **changed: object) -> TestClient:
    wanted = {"sign_in": SignIn.PROXY, "proxies": "10.0.0.0/24", "newcomers": Role.CURATOR}
    return browser(server(**{**wanted, **changed}), PROXY)


def said(name: str) -> dict[str, bytes]:
    return {"remote-user": name.encode()}


def test_whom_the_proxy_names_is_in(server: Server, db: Database) -> None:
    client = by_proxy(server)
    assert client.get(STATUS).status_code == 401
    for _ in range(2):
        assert "林 小姐" in client.get("/account", headers=said("林 小姐")).text
    with db.reading() as session:
        account = session.query(Account).one()
        assert (account.subject, account.role) == ("林 小姐", Role.CURATOR)


@pytest.mark.parametrize("address", ["10.0.1.2", "127.0.0.1", "testclient", "::1"])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_nobody_else_is_believed(server: Server, db: Database, address: str) -> None:
    app = server(sign_in=SignIn.PROXY, proxies="10.0.0.0/24", newcomers=Role.ADMIN)
    forged = {**said("Ada"), "x-forwarded-for": PROXY, "forwarded": f"for={PROXY}"}
    assert browser(app, address).get(STATUS, headers=forged).status_code == 401
    with db.reading() as session:
        assert session.query(Account).count() == 0


def test_newcomers_are_refused_where_none_are_wanted(server: Server, db: Database) -> None:
    client = by_proxy(server, newcomers=None)
    refused = client.get(STATUS, headers=said("Eve"))
    assert refused.status_code == 403
    assert "Ask an admin" in refused.json()["error"]
    with db.transaction() as session:
        accounts.add(session, "Eve Lin", Role.LEAD, subject="Eve")
    assert client.get(STATUS, headers=said("Eve")).status_code == 200


def test_a_name_that_is_taken_is_not_taken_over(server: Server, db: Database) -> None:
    """Whoever is called so elsewhere need not be the one who is called so here."""
    add(db, "Ada", Role.ADMIN)
    with db.transaction() as session:
        people.get_or_make(session, "Lin")
    client = by_proxy(server)
    assert client.get("/people", headers=said("Ada")).status_code == 403
    assert client.get(STATUS, headers=said("Lin")).status_code == 200
    with db.reading() as session:
        assert {one.person.name for one in session.query(Account)} == {"Ada", "Ada 2", "Lin 2"}


def test_a_closed_account_stays_closed_for_the_proxy(server: Server, db: Database) -> None:
    add(db, "Ada", Role.ADMIN)
    client = by_proxy(server)
    client.get(STATUS, headers=said("Lin"))
    with db.transaction() as session:
        accounts.close(session, accounts.called(session, "Lin"))
    assert client.get(STATUS, headers=said("Lin")).status_code == 403


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_guesses_are_counted_by_the_browsers_address(server: Server, db: Database) -> None:
    """Behind a proxy all requests come from one address."""
    add(db, "Lin")
    client = browser(server(proxies=PROXY), PROXY)

    def guess(address: str) -> int:
        data = {"name": "Lin", "password": "wrong"}
        answer = client.post("/sign-in", data=data, headers={"x-forwarded-for": address})
        return int(answer.status_code)

    assert [guess("1.2.3.4") for _ in range(6)] == [401] * 5 + [429]
    assert guess("1.2.3.5") == 401


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    fresh = Provider(issuer=running.issuer, key=running.key)
    running.__dict__.update(fresh.__dict__)
    return running


@pytest.fixture
def visitor(server: Server, provider: Provider) -> TestClient:
    app = server(
        sign_in=SignIn.OPENID,
        address=ORIGIN,
        openid_issuer=provider.issuer,
        openid_client=CLIENT,
        openid_secret=SecretStr(SECRET),
        newcomers=Role.CURATOR,
    )
    return browser(app)


def leave(visitor: TestClient, then: str = "/data") -> str:
    asked = visitor.get("/sign-in/openid", params={"then": then}, follow_redirects=False)
    assert asked.status_code == 303, asked.text
    return str(asked.headers["location"])


def come_back(visitor: TestClient, query: str) -> int:
    answer = visitor.get(f"/sign-in/openid/return?{query}", follow_redirects=False)
    return int(answer.status_code)


def test_whom_the_provider_names_is_in(
    visitor: TestClient, provider: Provider, db: Database
) -> None:
    query = provider.authorize(leave(visitor))
    answer = visitor.get(f"/sign-in/openid/return?{query}", follow_redirects=False)
    assert answer.headers["location"] == "/data"
    assert "林 小姐" in visitor.get("/account").text
    with db.reading() as session:
        assert session.query(Account).one().subject == f"{provider.issuer} 17"


def test_the_subject_counts_not_the_name(
    visitor: TestClient, provider: Provider, db: Database
) -> None:
    """At many providers people can call themselves as they like."""
    for claims in ({"sub": "17", "name": "Lin"}, {"sub": "17", "name": "Ada"}, {"sub": "18"}):
        provider.claims = {"preferred_username": "Lin", **claims}
        assert come_back(visitor, provider.authorize(leave(visitor))) == 303
    with db.reading() as session:
        assert {one.person.name for one in session.query(Account)} == {"Lin", "Lin 2"}


def test_a_password_works_beside_the_provider(visitor: TestClient, db: Database) -> None:
    """Somebody has to come in when the provider does not answer."""
    add(db, "Ada", Role.ADMIN)
    assert "/sign-in/openid" in visitor.get("/sign-in").text
    sign_in(visitor.app, "Ada")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "bent",
    [
        {"iss": "https://attacker.example"},
        {"aud": "another program"},
        {"exp": 1_000_000_000},
        {"nonce": "of another sign-in"},
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_claims_that_are_not_for_us_are_refused(
    visitor: TestClient, provider: Provider, bent: dict[str, object]
) -> None:
    provider.claims = {"sub": "17", **bent}
    assert come_back(visitor, provider.authorize(leave(visitor))) == 502
    assert visitor.get(STATUS).status_code == 401


@pytest.mark.parametrize("kind", ["another key", "our secret", "none"])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_signatures_that_are_not_the_providers_are_refused(
    visitor: TestClient, provider: Provider, kind: str
) -> None:
    if kind == "another key":
        provider.signing = RSAKey.generate_key(2048, {"kid": "1"})
    elif kind == "our secret":
        provider.algorithm, provider.signing = "HS256", OctKey.import_key(SECRET * 2)
    else:
        provider.algorithm, provider.signing = "none", OctKey.import_key("x" * 32)
    assert come_back(visitor, provider.authorize(leave(visitor))) == 502
    assert visitor.get(STATUS).status_code == 401


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_answer_to_another_browsers_sign_in_is_refused(
    visitor: TestClient, provider: Provider
) -> None:
    """Otherwise somebody could be signed in as the attacker without noticing."""
    victim = browser(visitor.app)  # type: ignore[arg-type]
    query = provider.authorize(leave(visitor))
    assert come_back(victim, query) == 403
    leave(victim)
    assert come_back(victim, query) == 403
    assert come_back(visitor, query) == 303


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("query", ["", "error=access_denied", "code=x", "state=%00&code=%ff"])
def test_nonsense_from_the_provider_is_a_sentence(visitor: TestClient, query: str) -> None:
    assert come_back(visitor, query) == 403
    leave(visitor)
    assert come_back(visitor, query) == 403


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_provider_that_is_down_is_a_sentence(visitor: TestClient, provider: Provider) -> None:
    provider.status = 503
    answer = visitor.get("/sign-in/openid", follow_redirects=False)
    assert answer.status_code == 502
    assert "OpenID provider did not sign you in" in answer.text
    provider.status, provider.calls_itself = 200, "https://another.example"
    assert "calls itself" in visitor.get("/sign-in/openid").text


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_foreign_then_leads_home(visitor: TestClient, provider: Provider) -> None:
    query = provider.authorize(leave(visitor, "//attacker.example"))
    answer = visitor.get(f"/sign-in/openid/return?{query}", follow_redirects=False)
    assert answer.headers["location"] == "/"
