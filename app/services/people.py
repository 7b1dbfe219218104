"""Who decides. Accounts with passwords come later; until then a name is enough."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.people import Person
from app.errors import Refused

LONGEST_NAME = 100


def get_or_make(session: Session, name: str) -> Person:
    tidy = " ".join(name.split())
    if not tidy:
        raise Refused("Please type the name that shall stand beside your decisions.")
    if len(tidy) > LONGEST_NAME:
        raise Refused("A name has at most {limit} characters.", limit=LONGEST_NAME)
    person = session.scalar(select(Person).where(Person.name == tidy))
    if person is None:
        person = Person(name=tidy, created_at=now(session))
        session.add(person)
        session.flush()
    return person
