"""Who is asking, and the sessions that handlers work in."""

import secrets
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database
from app.domain.people import Person
from app.errors import Forbidden, NotSignedIn
from app.settings import Settings

PERSON_HEADER = "Mothmask-Person"
"""Sent by scripts: the number of the person whom their page was opened for."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def get_database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def get_blobs(request: Request) -> Blobs:
    blobs: Blobs = request.app.state.blobs
    return blobs


SettingsDep = Annotated[Settings, Depends(get_settings)]
DatabaseDep = Annotated[Database, Depends(get_database)]
BlobsDep = Annotated[Blobs, Depends(get_blobs)]


def _reading(database: DatabaseDep) -> Iterator[Session]:
    with database.reading() as session:
        yield session


def _writing(database: DatabaseDep) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


# With the default scope the commit would come after the reply is out, and a failed commit would
# still answer 200.
Reading = Annotated[Session, Depends(_reading, scope="function")]
Writing = Annotated[Session, Depends(_writing, scope="function")]


def admit(request: Request, settings: SettingsDep) -> None:
    """Let in who came by the printed link, and whoever was let in before."""
    _refuse_other_sites(request)
    offered, wanted = request.query_params.get("token", ""), settings.token.get_secret_value()
    if wanted and secrets.compare_digest(offered.encode(), wanted.encode()):
        request.session["admitted"] = True
    if not request.session.get("admitted"):
        raise NotSignedIn("Please open the link that Mothmask printed when it started.")


def _refuse_other_sites(request: Request) -> None:
    site = request.headers.get("sec-fetch-site", "same-origin")
    if request.method not in SAFE_METHODS and site not in ("same-origin", "none"):
        raise Forbidden("This change was asked for by another site and is refused.")


def person_of(request: Request) -> Person | None:
    """Who sits at the browser, if they have come in and said their name."""
    person_id = request.session.get("person_id")
    if person_id is None or not request.session.get("admitted"):
        return None
    with get_database(request).reading() as session:
        return session.get(Person, person_id)


def _current_person(request: Request) -> Person:
    person = person_of(request)
    if person is None:
        raise NotSignedIn("Please say who you are first.")
    _expect_person(request, person)
    return person


def _expect_person(request: Request, person: Person) -> None:
    """A page that was opened by somebody else must not decide in this person's name."""
    if request.headers.get(PERSON_HEADER, str(person.id)) != str(person.id):
        raise NotSignedIn(
            "{name} has signed in in this browser since. Come in again under your own name to go "
            "on.",
            name=person.name,
        )


CurrentPerson = Annotated[Person, Depends(_current_person)]
