"""Who may use a route, and the sessions that handlers work in.

A handler says who may use it by the person it takes: `person: Curator`. What people without an
account may use says so too, by `dependencies=[ANYBODY]`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database
from app.domain.people import Person, Role, SignIn
from app.errors import Forbidden, MothmaskError, NotFound, NotSignedIn
from app.settings import Settings

PERSON_HEADER = "Mothmask-Person"
"""Sent by scripts: the number of the person whom their page was opened for."""


def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def get_database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def get_blobs(request: Request) -> Blobs:
    blobs: Blobs = request.app.state.blobs
    return blobs


# FastAPI calls what is not async in a thread, and that takes longer than these do.
async def _settings(request: Request) -> Settings:
    return get_settings(request)


async def _database(request: Request) -> Database:
    return get_database(request)


async def _blobs(request: Request) -> Blobs:
    return get_blobs(request)


SettingsDep = Annotated[Settings, Depends(_settings)]
DatabaseDep = Annotated[Database, Depends(_database)]
BlobsDep = Annotated[Blobs, Depends(_blobs)]


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


@dataclass(frozen=True)
class Caller:
    """Who is asking, as `app.web.callers` found out before the request was read."""

    sign_in: SignIn
    """How they have come in, or would have to."""
    person: Person | None = None
    role: Role | None = None
    """At most what they may do; None where they have no account."""
    session_id: int | None = None
    """Of the browser; None where a program asks, or a proxy vouches for each request."""
    by_token: bool = False

    @property
    def is_known(self) -> bool:
        return self.person is not None or self.session_id is not None

    @property
    def roles(self) -> list[Role]:
        """Their own, and what it includes."""
        return [role for role in Role if self.may(role)]

    def may(self, role: Role) -> bool:
        return self.role is not None and self.role.includes(role)


def caller_of(request: Request) -> Caller:
    nobody = Caller(get_settings(request).sign_in)
    caller: Caller = getattr(request.state, "caller", nobody)
    return caller


def person_of(request: Request) -> Person | None:
    """Who is asking, if they have come in and said their name."""
    return caller_of(request).person


@dataclass(frozen=True)
class May:
    """Lets in whoever has the role, or one that includes it."""

    role: Role
    by_token: bool = True
    """Whether a program may; what a stolen token must not do, only a browser can."""

    async def __call__(self, request: Request) -> Person:
        caller = caller_of(request)
        if caller.person is None:
            raise not_signed_in(caller)
        _expect_person(request, caller.person)
        if not caller.may(self.role):
            raise _not_allowed(caller, self.role)
        if caller.by_token and not self.by_token:
            raise Forbidden("This can be done in a browser only, not with an API token.")
        return caller.person


def _expect_person(request: Request, person: Person) -> None:
    """A page that was opened by somebody else must not decide in this person's name."""
    if request.headers.get(PERSON_HEADER, str(person.id)) != str(person.id):
        raise NotSignedIn(
            "{name} has signed in in this browser since. Come in again under your own name to go "
            "on.",
            name=person.name,
        )


def not_signed_in(caller: Caller) -> NotSignedIn:
    if caller.sign_in is not SignIn.LINK:
        return NotSignedIn("Please sign in first.")
    if caller.is_known:
        return NotSignedIn("Please say who you are first.")
    return NotSignedIn("Please open the link that Mothmask printed when it started.")


def _not_allowed(caller: Caller, role: Role) -> MothmaskError:
    if caller.role is None:
        return Forbidden("You have no account here; ask an admin for one.")
    if caller.by_token:
        return Forbidden(
            "This needs the role “{wanted}”; with this token you are “{own}”.",
            wanted=role,
            own=caller.role,
        )
    return Forbidden(
        "This needs the role “{wanted}”; yours is “{own}”. An admin can give you another.",
        wanted=role,
        own=caller.role,
    )


def expect_accounts(settings: Settings) -> None:
    if settings.sign_in is SignIn.LINK:
        raise NotFound("There are no accounts here: everybody comes by the link.")


def expect_passwords(settings: Settings) -> None:
    if settings.sign_in not in (SignIn.PASSWORD, SignIn.OPENID):
        raise NotFound("Nobody signs in with a password here.")


async def anybody() -> None:
    """Declares that a route needs nobody to be signed in."""


async def by_the_link(request: Request) -> None:
    """Whoever came by the printed link, with or without a name; where people come so."""
    caller = caller_of(request)
    if not caller.is_known:
        raise not_signed_in(caller)
    if caller.sign_in is not SignIn.LINK:
        raise NotFound("Nobody comes by the link here.")


ANYBODY = Depends(anybody)
BY_THE_LINK = Depends(by_the_link)
FOR_VIEWERS = Depends(May(Role.VIEWER))

Viewer = Annotated[Person, Depends(May(Role.VIEWER))]
Curator = Annotated[Person, Depends(May(Role.CURATOR))]
Lead = Annotated[Person, Depends(May(Role.LEAD))]
OwnAccount = Annotated[Person, Depends(May(Role.VIEWER, by_token=False))]
Admin = Annotated[Person, Depends(May(Role.ADMIN, by_token=False))]
"""A token that got into wrong hands must make nobody an admin."""


async def _caller(request: Request) -> Caller:
    return caller_of(request)


CallerDep = Annotated[Caller, Depends(_caller)]
