from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, words


class Role(StrEnum):
    """What a person may do; each may also do what those before it may."""

    VIEWER = "viewer"
    CURATOR = "curator"
    LEAD = "lead"
    ADMIN = "admin"

    def includes(self, wanted: "Role") -> bool:
        return RANKS[self] >= RANKS[wanted]


RANKS = {role: rank for rank, role in enumerate(Role)}


class SignIn(StrEnum):
    """How people come in."""

    LINK = "link"
    PASSWORD = "password"
    PROXY = "proxy"
    OPENID = "openid"


class Person(Base, kw_only=True):
    """Whoever decides something. To sign in they need an account as well, except by the link."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime]


class Preference(Base, kw_only=True):
    """How one person likes the pages: keys, fill colour."""

    __tablename__ = "preference"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Account(Base, kw_only=True):
    """That a person may sign in, and what they may do then. Closed rather than removed."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(words(Role))
    password_hash: Mapped[str | None] = mapped_column(String(200), default=None)
    subject: Mapped[str | None] = mapped_column(String(400), unique=True, default=None)
    """Who this is to the proxy or the OpenID provider."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)

    person: Mapped[Person] = relationship(init=False)


class BrowserSession(Base, kw_only=True):
    """A browser that was let in. It keeps a secret in its cookie, of which we know the hash."""

    __tablename__ = "browser_session"
    __table_args__ = (Index("ix_browser_session_person", "person_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sign_in: Mapped[SignIn] = mapped_column(words(SignIn))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    """Nobody as long as who came by the link has not said their name."""
    browser: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Base, kw_only=True):
    """Lets a program act for a person until it expires, at most as `scope` allows."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_person", "person_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sign_in: Mapped[SignIn] = mapped_column(words(SignIn))
    """How the person had come in who made it: by the link, nobody's name is certain."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(100))
    scope: Mapped[Role] = mapped_column(words(Role))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class SignInFailure(Base, kw_only=True):
    """A wrong password; counted for some minutes, by all web servers together."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index("ix_sign_in_failure_name", "name_hash", "failed_at"),
        Index("ix_sign_in_failure_address", "address", "failed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name_hash: Mapped[str] = mapped_column(String(64))
    """Not the name: people type passwords into the wrong field."""
    address: Mapped[str] = mapped_column(String(60))
    failed_at: Mapped[datetime] = mapped_column(index=True)
