"""By password, with few guesses; and by what a proxy or an OpenID provider says."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.db import Database, now
from app.domain.people import Account, Person, Role, SignInFailure
from app.errors import Forbidden, NotSignedIn, TooOften
from app.services import accounts, passwords, people

log = logging.getLogger(__name__)

WINDOW = timedelta(minutes=15)
MOST_PAIR, MOST_NAME, MOST_ADDRESS = 5, 50, 100
"""Wrong passwords within the window: for one name from one address, for one name from anywhere, and
from one address for any name. The first alone would let many machines guess, the second alone lets
anybody lock somebody out."""


def by_password(database: Database, name: str, password: str, address: str) -> int:
    """The number of the person. No transaction is held while the password is checked."""
    name_hash = hashlib.sha256(" ".join(name.split()).encode()).hexdigest()
    with database.transaction() as session:
        _refuse_guessing(session, name_hash, address)
        # Counted before it is looked at, so that guesses made at once are counted too.
        failure = SignInFailure(name_hash=name_hash, address=address[:60], failed_at=now(session))
        session.add(failure)
        session.flush()
        account = _open_account(session, name)
        password_hash = account.password_hash if account is not None else None
    if not passwords.fits(password, password_hash):
        # Not the name: people type passwords into the wrong field.
        log.warning("Somebody at %s gave a wrong name or password.", address)
        raise NotSignedIn("Name or password is not right.")
    assert account is not None
    assert password_hash is not None
    with database.transaction() as session:
        session.delete(session.get_one(SignInFailure, failure.id))
        if passwords.is_outdated(password_hash):
            renewed = session.get_one(Account, account.person_id)
            renewed.password_hash = passwords.hashed(password, name=name)
    return account.person_id


def _open_account(session: Session, name: str) -> Account | None:
    query = select(Account).join(Account.person).where(Account.closed_at.is_(None))
    return session.scalar(query.where(Person.name == " ".join(name.split())))


def _refuse_guessing(session: Session, name_hash: str, address: str) -> None:
    since = now(session) - WINDOW
    session.execute(delete(SignInFailure).where(SignInFailure.failed_at <= since))
    count = select(func.count()).select_from(SignInFailure)
    of_name, of_address = (
        SignInFailure.name_hash == name_hash,
        SignInFailure.address == address[:60],
    )
    for most, which in (
        (MOST_PAIR, of_name & of_address),
        (MOST_NAME, of_name),
        (MOST_ADDRESS, of_address),
    ):
        if (session.scalar(count.where(which, SignInFailure.failed_at > since)) or 0) >= most:
            raise TooOften(
                "Too many wrong passwords. Wait {minutes} minutes and try again, or ask an admin "
                "for a new password.",
                minutes=WINDOW // timedelta(minutes=1),
            )


@dataclass(frozen=True)
class Outsider:
    """Somebody whom a proxy or an OpenID provider vouches for."""

    subject: str
    name: str


def vouched_for(session: Session, outsider: Outsider, newcomers: Role | None) -> Account:
    """Their account, made at the first visit with the role of newcomers, if those are let in."""
    account = accounts.by_subject(session, outsider.subject)
    if account is None:
        if newcomers is None:
            raise Forbidden(
                "{name} has no account here. Ask an admin for one, and tell them that you are "
                "“{subject}”.",
                name=outsider.name,
                subject=outsider.subject,
            )
        name = _free_name(session, outsider.name or outsider.subject)
        account = accounts.add(session, name, newcomers, subject=outsider.subject)
    if account.closed_at is not None:
        raise Forbidden("The account of {name} is closed.", name=account.person.name)
    return account


def _free_name(session: Session, wanted: str) -> str:
    """Somebody else's name is not taken over: who vouches for one may not know the other."""
    tidy = people.tidied(wanted[: people.LONGEST_NAME - 5])
    name, number = tidy, 1
    while people.called(session, name) is not None:
        number += 1
        name = f"{tidy} {number}"
    return name
