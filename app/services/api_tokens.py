"""Tokens by which programs act for a person. Each is shown once; we keep its hash."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import now
from app.domain.people import Account, ApiToken, Person, Role, SignIn
from app.errors import NotFound, Refused
from app.services.browser_sessions import hash_of

PREFIX = "mothmask_"
"""By it, programs that look for secrets in code find one that got there."""
LONGEST_NAME = 100
MOST_DAYS = 366
USED_EVERY = timedelta(hours=1)


def make(
    session: Session, person_id: int, sign_in: SignIn, *, name: str, scope: Role, days: int
) -> tuple[ApiToken, str]:
    """The token's row, and the token itself, which nobody can see again."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME:
        raise Refused(
            "Give the token a name of at most {limit} characters, so that you know later what "
            "it is for.",
            limit=LONGEST_NAME,
        )
    if not 1 <= days <= MOST_DAYS:
        raise Refused("A token is good for 1 to {most} days.", most=MOST_DAYS)
    secret = PREFIX + secrets.token_urlsafe(32)
    moment = now(session)
    token = ApiToken(
        secret_hash=hash_of(secret),
        sign_in=sign_in,
        person_id=person_id,
        name=tidy,
        scope=scope,
        created_at=moment,
        expires_at=moment + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    return token, secret


@dataclass(frozen=True)
class Found:
    token: ApiToken
    person: Person
    role: Role | None
    """What the person may do if they have an account."""

    def is_to_be_noted(self, moment: datetime) -> bool:
        used_at = self.token.used_at
        return used_at is None or moment - used_at > USED_EVERY


def find(
    session: Session, secret: str, sign_ins: tuple[SignIn, ...], moment: datetime
) -> Found | None:
    query = (
        select(ApiToken, Person, Account)
        .join(Person, Person.id == ApiToken.person_id)
        .outerjoin(Account, (Account.person_id == Person.id) & Account.closed_at.is_(None))
        .where(
            ApiToken.secret_hash == hash_of(secret),
            ApiToken.sign_in.in_(sign_ins),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > moment,
        )
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    token, person, account = row
    return Found(token, person, account.role if account is not None else None)


def note_use(session: Session, token_id: int) -> None:
    session.get_one(ApiToken, token_id).used_at = now(session)


def of_person(session: Session, person_id: int) -> list[ApiToken]:
    """Those that were not revoked, expired ones too, newest first."""
    query = select(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    return list(session.scalars(query.order_by(ApiToken.id.desc())))


def revoke(session: Session, person_id: int, token_id: int) -> None:
    token = session.get(ApiToken, token_id)
    if token is None or token.person_id != person_id:
        raise NotFound("You have no token {number}.", number=token_id)
    if token.revoked_at is None:
        token.revoked_at = now(session)


def revoke_all(session: Session, person_id: int) -> None:
    mine = update(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    session.execute(mine.values(revoked_at=now(session)))
