"""One's own account, and everybody's for admins."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.domain.people import Account, ApiToken, BrowserSession, Role, SignIn
from app.services import accounts, api_tokens, browser_sessions
from app.web.access import (
    Admin,
    Caller,
    CallerDep,
    DatabaseDep,
    OwnAccount,
    Reading,
    SettingsDep,
    expect_accounts,
)
from app.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class AccountPage:
    caller: Caller
    has_password: bool
    browsers: list[BrowserSession]
    tokens: list[ApiToken]

    @property
    def has_accounts(self) -> bool:
        return self.caller.sign_in is not SignIn.LINK

    @property
    def has_sessions(self) -> bool:
        return self.caller.session_id is not None and self.has_accounts


@dataclass(frozen=True)
class PeoplePage:
    accounts: list[Account]
    roles: tuple[Role, ...]
    has_passwords: bool


@router.get("/account")
def account_page(
    request: Request, person: OwnAccount, caller: CallerDep, session: Reading
) -> HTMLResponse:
    account = session.get(Account, person.id)
    page = AccountPage(
        caller=caller,
        has_password=account is not None and account.password_hash is not None,
        browsers=browser_sessions.of_person(session, person.id),
        tokens=api_tokens.of_person(session, person.id),
    )
    return render(request, "people/account.html", page, person=person)


@router.get("/people")
def people_page(
    request: Request, person: Admin, settings: SettingsDep, database: DatabaseDep
) -> HTMLResponse:
    expect_accounts(settings)
    with database.reading() as session:
        page = PeoplePage(
            accounts.all_of_them(session), tuple(Role), settings.sign_in is not SignIn.PROXY
        )
        return render(request, "people/page.html", page, person=person)
