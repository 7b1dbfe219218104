"""`mothmask user`, and where a server may listen."""

import io

import pytest

from app.domain.people import Role
from app.services import accounts, passwords
from tests.service.cli.conftest import Mothmask
from worker.context import Context

PASSWORD = "a long enough password"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password comes by the standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))


@pytest.mark.usefixtures("typed")
def test_an_account_from_its_first_day_to_its_last(mothmask: Mothmask, context: Context) -> None:
    added = mothmask("user add", "林 小姐", "--role", "admin")
    assert (added.code, added.out) == (0, "林 小姐 has an account as admin.\n")
    with context.db.reading() as session:
        kept = accounts.called(session, "林 小姐").password_hash
    assert passwords.fits(PASSWORD, kept)
    assert mothmask("user add", "Wang", "--subject", "https://login.example 17").code == 0
    listed = mothmask("user list").out
    assert "林 小姐" in listed
    assert "https://login.example 17" in listed
    refused = mothmask("user remove", "林 小姐")
    assert (refused.code, refused.err) == (
        1,
        "林 小姐 is the only admin. Make another one first.\n",
    )
    assert mothmask("user role", "Wang", "admin").out == "Wang is admin now.\n"
    assert mothmask("user remove", "林 小姐").out == "The account of 林 小姐 is closed.\n"
    assert "林 小姐 (closed)" in mothmask("user list").out
    with context.db.reading() as session:
        assert accounts.called(session, "Wang").role is Role.ADMIN


@pytest.mark.parametrize(
    ("command", "arguments", "sentence"),
    [
        ("user add", ("Lin",), "Type the password when asked for it"),
        ("user role", ("Lin", "lead"), "Nobody called “Lin” has an account."),
        ("user password", ("Lin",), "Nobody called “Lin” has an account."),
        ("user remove", ("Lin",), "Nobody called “Lin” has an account."),
    ],
)
def test_what_is_refused(
    mothmask: Mothmask,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    assert context.db
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    outcome = mothmask(command, *arguments)
    assert outcome.code == 1
    assert outcome.err.startswith(sentence)


@pytest.mark.usefixtures("typed")
def test_a_short_password_is_refused(mothmask: Mothmask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert mothmask("user add", "Lin").err == "A password has 10 to 200 characters.\n"
    assert mothmask("user list").out.split() == ["name", "role", "signs", "in", "by", "since"]


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"SIGN_IN": "openid", "ADDRESS": "https://moths.example"}, "MOTHMASK_OPENID_ISSUER and"),
        ({"SIGN_IN": "proxy"}, "needs MOTHMASK_PROXIES as well"),
        ({"SIGN_IN": "password", "PROXIES": "my proxy"}, "MOTHMASK_PROXIES has addresses such as"),
        ({"SIGN_IN": "friends"}, "MOTHMASK_SIGN_IN"),
        ({"ADDRESS": "moths.example"}, "MOTHMASK_ADDRESS"),
        ({"NEWCOMERS": "boss"}, "MOTHMASK_NEWCOMERS"),
    ],
)
def test_a_server_that_would_keep_people_out_does_not_start(
    mothmask: Mothmask,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    sentence: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"MOTHMASK_{name}", value)
    outcome = mothmask("web --host 0.0.0.0")
    assert outcome.code == 1
    assert sentence in outcome.err
