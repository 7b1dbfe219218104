"""What everybody may do about their own account: password, browsers, tokens for programs."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.domain.people import ApiToken, Role
from app.errors import Forbidden
from app.services import accounts, api_tokens, browser_sessions
from app.web.access import CallerDep, OwnAccount, Reading, SettingsDep, Writing, expect_passwords

router = APIRouter(prefix="/account", tags=["account"])

Password = Annotated[str, Field(max_length=1000)]


class PasswordChange(BaseModel):
    old: Password
    new: Password


class TokenRequest(BaseModel):
    name: Annotated[str, Field(max_length=200)]
    scope: Role
    """At most what the program may do: never more than the person themselves."""
    days: int


class TokenShape(BaseModel):
    id: int
    name: str
    scope: Role
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class NewToken(TokenShape):
    token: str
    """Shown only now."""


@router.post("/password", status_code=204)
def change_password(
    settings: SettingsDep,
    session: Writing,
    caller: CallerDep,
    person: OwnAccount,
    change: PasswordChange,
) -> Response:
    """Other browsers are signed out; tokens stay."""
    expect_passwords(settings)
    account = accounts.of_person(session, person.id)
    accounts.change_password(
        session, account, change.old, change.new, kept_session=caller.session_id
    )
    return Response(status_code=204)


@router.get("/tokens")
def get_tokens(session: Reading, person: OwnAccount) -> list[TokenShape]:
    return [_shape(token) for token in api_tokens.of_person(session, person.id)]


@router.post("/tokens", status_code=201)
def make_token(
    session: Writing, caller: CallerDep, person: OwnAccount, wanted: TokenRequest
) -> NewToken:
    if not caller.may(wanted.scope):
        raise Forbidden(
            "A token cannot do more than you; you are “{own}”.", own=caller.role or "nobody"
        )
    token, secret = api_tokens.make(
        session,
        person.id,
        caller.sign_in,
        name=wanted.name,
        scope=wanted.scope,
        days=wanted.days,
    )
    return NewToken(token=secret, **_shape(token).model_dump())


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(session: Writing, person: OwnAccount, token_id: int) -> Response:
    api_tokens.revoke(session, person.id, token_id)
    return Response(status_code=204)


@router.delete("/sessions/{session_id}", status_code=204)
def end_session(session: Writing, person: OwnAccount, session_id: int) -> Response:
    """Sign one browser out."""
    browser_sessions.end(session, person.id, session_id)
    return Response(status_code=204)


def _shape(token: ApiToken) -> TokenShape:
    return TokenShape.model_validate(token, from_attributes=True)
