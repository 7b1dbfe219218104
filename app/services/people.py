"""Who decides: the names that stand beside decisions."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.people import Account, Person, Role
from app.errors import Refused

LONGEST_NAME = 100


def get_or_make(session: Session, name: str) -> Person:
    tidy = tidied(name)
    person = called(session, tidy)
    if person is None:
        person = Person(name=tidy, created_at=now(session))
        session.add(person)
        session.flush()
    return person


def tidied(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy:
        raise Refused("Please type the name that shall stand beside your decisions.")
    if len(tidy) > LONGEST_NAME:
        raise Refused("A name has at most {limit} characters.", limit=LONGEST_NAME)
    return tidy


def called(session: Session, name: str) -> Person | None:
    return session.scalar(select(Person).where(Person.name == " ".join(name.split())))


def lock(session: Session, person_id: int) -> None:
    """Let what one person keeps from two windows at once be kept one after the other."""
    # FOR NO KEY UPDATE: new rows that name the person need not wait.
    session.get_one(Person, person_id, with_for_update={"key_share": True})


def reviewers(session: Session) -> list[Person]:
    """Everybody but those whose account is closed, or for looking only."""
    others = select(Account.person_id).where(
        Account.closed_at.is_not(None) | (Account.role == Role.VIEWER)
    )
    query = select(Person).where(Person.id.not_in(others))
    return list(session.scalars(query.order_by(Person.name)))
