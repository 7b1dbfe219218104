"""Accounts of everybody, for admins. The log says who changed whose."""

import logging
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from app.domain.people import Account, Role
from app.services import accounts
from app.services.people import LONGEST_NAME
from app.web.access import Admin, Reading, SettingsDep, Writing, expect_accounts

log = logging.getLogger(__name__)


def _accounts_only(settings: SettingsDep, _person: Admin) -> None:
    expect_accounts(settings)


router = APIRouter(prefix="/people", tags=["people"], dependencies=[Depends(_accounts_only)])


class AccountRequest(BaseModel):
    name: Annotated[str, Field(max_length=2 * LONGEST_NAME)]
    role: Role = Role.CURATOR


class RoleRequest(BaseModel):
    role: Role


class AccountShape(BaseModel):
    id: int
    name: str
    role: Role
    created_at: datetime
    closed_at: datetime | None


class HandedPassword(AccountShape):
    password: str
    """Shown only now; the person changes it."""


@router.get("")
def get_people(session: Reading, _person: Admin) -> list[AccountShape]:
    return [_shape(account) for account in accounts.all_of_them(session)]


@router.post("", status_code=201)
def add_person(session: Writing, person: Admin, wanted: AccountRequest) -> HandedPassword:
    """Also for a name that stands beside decisions already, and for a closed account."""
    password = accounts.new_password()
    account = accounts.add(session, wanted.name, wanted.role, password=password)
    log.info("%s gave %s an account as %s.", person.name, account.person.name, wanted.role)
    return HandedPassword(password=password, **_shape(account).model_dump())


@router.patch("/{person_id}")
def set_role(session: Writing, person: Admin, person_id: int, wanted: RoleRequest) -> AccountShape:
    account = accounts.of_person(session, person_id)
    log.info("%s makes %s %s.", person.name, account.person.name, wanted.role)
    accounts.set_role(session, account, wanted.role)
    return _shape(account)


@router.post("/{person_id}/password", status_code=201)
def hand_password(session: Writing, person: Admin, person_id: int) -> HandedPassword:
    """A new one, for who has forgotten theirs; they are signed out everywhere."""
    account, password = accounts.of_person(session, person_id), accounts.new_password()
    accounts.set_password(session, account, password)
    log.info("%s gave %s a new password.", person.name, account.person.name)
    return HandedPassword(password=password, **_shape(account).model_dump())


@router.post("/{person_id}/closing", status_code=204)
def close_account(session: Writing, person: Admin, person_id: int) -> Response:
    """They can sign in no more; what they did stays under their name."""
    account = accounts.of_person(session, person_id)
    accounts.close(session, account)
    log.info("%s closed the account of %s.", person.name, account.person.name)
    return Response(status_code=204)


def _shape(account: Account) -> AccountShape:
    return AccountShape(
        id=account.person_id,
        name=account.person.name,
        role=account.role,
        created_at=account.created_at,
        closed_at=account.closed_at,
    )
