"""Sources: institutions or campaigns that photographs come from."""

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import now
from app.domain.photographs import Source
from app.errors import Refused


def get_or_make(session: Session, code: str) -> Source:
    """Return the source of this code; an unknown one is made with default settings."""
    code = code.strip()
    if not re.fullmatch(r"[\w.-]{1,60}", code):
        raise Refused(
            "A source needs a short code of letters, digits, dots, dashes and underscores, "
            "such as SJTT."
        )
    return _find(session, code) or _make(session, code)


def all_sources(session: Session) -> Sequence[Source]:
    return session.scalars(select(Source).order_by(Source.code)).all()


def _find(session: Session, code: str) -> Source | None:
    return session.scalars(select(Source).where(Source.code == code)).one_or_none()


def _make(session: Session, code: str) -> Source:
    try:
        with session.begin_nested():
            source = Source(code=code, created_at=now(session))
            session.add(source)
    except IntegrityError:  # somebody else made it a moment ago
        return session.scalars(select(Source).where(Source.code == code)).one()
    return source
