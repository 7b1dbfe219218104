"""Who may sign in, and what they may do then."""

import secrets

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.people import Account, Person, Role
from app.errors import Conflict, NotFound, Refused
from app.services import api_tokens, browser_sessions, passwords, people


def of_person(session: Session, person_id: int) -> Account:
    account = session.get(Account, person_id)
    if account is None:
        raise NotFound("There is no account of person {number}.", number=person_id)
    return account


def called(session: Session, name: str) -> Account:
    person = people.called(session, name)
    account = session.get(Account, person.id) if person is not None else None
    if account is None:
        raise NotFound("Nobody called “{name}” has an account.", name=name)
    return account


def all_of_them(session: Session) -> list[Account]:
    """Open ones first."""
    query = select(Account).join(Account.person)
    return list(session.scalars(query.order_by(Account.closed_at.is_not(None), Person.name)))


def add(
    session: Session,
    name: str,
    role: Role,
    *,
    password: str | None = None,
    subject: str | None = None,
) -> Account:
    """Also for somebody whose name stands beside decisions already; a closed account opens again.

    Without a password and a subject nobody can sign in to it, until it is given one.
    """
    person = people.get_or_make(session, name)
    account = session.get(Account, person.id)
    if account is not None and account.closed_at is None:
        raise Conflict("{name} has an account already.", name=person.name)
    if account is None:
        account = Account(person_id=person.id, role=role, created_at=now(session))
        session.add(account)
    account.role, account.closed_at, account.password_hash = role, None, None
    if subject:
        _give_subject(session, account, subject)
    if password is not None:
        account.password_hash = passwords.hashed(password, name=person.name)
    session.flush()
    session.refresh(account)
    return account


def _give_subject(session: Session, account: Account, subject: str) -> None:
    taken = by_subject(session, subject)
    if taken is not None and taken is not account:
        raise Conflict("“{subject}” is {name} already.", subject=subject, name=taken.person.name)
    account.subject = subject


def by_subject(session: Session, subject: str) -> Account | None:
    return session.scalar(select(Account).where(Account.subject == subject))


def add_first_admin(session: Session, name: str, password: str) -> Account:
    _keep_admins_still(session)
    if has_admin(session):
        raise Conflict("There is an admin already; sign in, or ask them for an account.")
    return add(session, name, Role.ADMIN, password=password)


def has_admin(session: Session) -> bool:
    return _open_admins(session) > 0


def set_role(session: Session, account: Account, role: Role) -> None:
    """Counts from the next request on."""
    _refuse_if_last_admin(session, account, stays=role is Role.ADMIN)
    account.role = role


def set_password(
    session: Session, account: Account, password: str, *, kept_session: int | None = None
) -> None:
    """Whoever knew the old one is signed out; `kept_session` is who changes it."""
    account.password_hash = passwords.hashed(password, name=account.person.name)
    browser_sessions.end_all(session, account.person_id, but=kept_session)


def change_password(
    session: Session, account: Account, old: str, new: str, *, kept_session: int | None
) -> None:
    if not passwords.fits(old, account.password_hash):
        raise Refused("The old password is not right.")
    set_password(session, account, new, kept_session=kept_session)


def new_password() -> str:
    """One that a person is handed, and changes."""
    return secrets.token_urlsafe(12)


def close(session: Session, account: Account) -> None:
    """Nobody can sign in to it any more; the person and all that they did stay."""
    _refuse_if_last_admin(session, account, stays=False)
    account.closed_at = now(session)
    browser_sessions.end_all(session, account.person_id)
    api_tokens.revoke_all(session, account.person_id)


def _refuse_if_last_admin(session: Session, account: Account, *, stays: bool) -> None:
    _keep_admins_still(session)
    session.refresh(account)
    is_admin = account.role is Role.ADMIN and account.closed_at is None
    if is_admin and not stays and _open_admins(session) == 1:
        raise Conflict(
            "{name} is the only admin. Make another one first.", name=account.person.name
        )


def _open_admins(session: Session) -> int:
    query = select(func.count()).select_from(Account)
    admins = query.where(Account.role == Role.ADMIN, Account.closed_at.is_(None))
    return session.scalar(admins) or 0


def _keep_admins_still(session: Session) -> None:
    """Two admins who remove each other at once would leave nobody."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(ADMINS)))


ADMINS = 7_068_454  # any number that no other lock of Mothmask has
