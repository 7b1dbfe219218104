"""Browsers that were let in: found by the secret in their cookie, ended by taking the row away."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.people import Account, BrowserSession, Person, Role, SignIn

SEEN_EVERY = timedelta(hours=1)
"""When a browser was last seen need not be known more exactly."""
LONGEST_BROWSER = 200


def hash_of(secret: str) -> str:
    """Secrets are random and long, so a quick hash keeps them as well as a slow one would."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin(
    session: Session,
    sign_in: SignIn,
    person_id: int | None,
    *,
    browser: str,
    lifetime: timedelta,
) -> tuple[BrowserSession, str]:
    """The session, and the secret for its cookie. What has expired is cleared away meanwhile."""
    moment = now(session)
    session.execute(delete(BrowserSession).where(BrowserSession.seen_at < moment - lifetime))
    secret = secrets.token_urlsafe(32)
    begun = BrowserSession(
        secret_hash=hash_of(secret),
        sign_in=sign_in,
        person_id=person_id,
        browser=browser[:LONGEST_BROWSER],
        created_at=moment,
        seen_at=moment,
    )
    session.add(begun)
    session.flush()
    return begun, secret


@dataclass(frozen=True)
class Found:
    """A session that counts, and whose it is; `role` is that of their account, if they have one."""

    session: BrowserSession
    person: Person | None
    role: Role | None

    def is_to_be_seen(self, moment: datetime) -> bool:
        return moment - self.session.seen_at > SEEN_EVERY


def find(
    session: Session, secret: str, sign_ins: tuple[SignIn, ...], since: datetime
) -> Found | None:
    query = (
        select(BrowserSession, Person, Account)
        .outerjoin(Person, Person.id == BrowserSession.person_id)
        .outerjoin(Account, (Account.person_id == Person.id) & Account.closed_at.is_(None))
        .where(
            BrowserSession.secret_hash == hash_of(secret),
            BrowserSession.sign_in.in_(sign_ins),
            BrowserSession.seen_at > since,
        )
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    browser_session, person, account = row
    return Found(browser_session, person, account.role if account is not None else None)


def see(session: Session, session_id: int) -> None:
    browser_session = session.get(BrowserSession, session_id)
    if browser_session is not None:
        browser_session.seen_at = now(session)


def give_to(session: Session, session_id: int, person_id: int) -> None:
    """Who came by the link has said their name."""
    session.get_one(BrowserSession, session_id).person_id = person_id


def of_person(session: Session, person_id: int) -> list[BrowserSession]:
    query = select(BrowserSession).where(BrowserSession.person_id == person_id)
    return list(session.scalars(query.order_by(BrowserSession.seen_at.desc())))


def end(session: Session, person_id: int, session_id: int) -> None:
    """One that has ended already is no mistake."""
    session.execute(
        delete(BrowserSession).where(
            BrowserSession.id == session_id, BrowserSession.person_id == person_id
        )
    )


def end_all(session: Session, person_id: int, *, but: int | None = None) -> None:
    ended = delete(BrowserSession).where(BrowserSession.person_id == person_id)
    session.execute(ended.where(BrowserSession.id != but) if but is not None else ended)
