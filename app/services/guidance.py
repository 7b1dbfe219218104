"""What belongs to a mask: wordings that follow each other, none of them ever changed."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import now
from app.domain.guidance import MaskRule
from app.errors import Refused

LONGEST = 20_000
SHOWN = 50

FIRST_WORDING = """\
The mask holds the whole specimen, and nothing but the specimen.

Belongs to it: all wings with their tails and fringes, and the body: head, thorax and abdomen.

Does not belong to it: the pin, the label, the ruler, shadows, and the ground that is seen between \
the wings. What shines through a transparent wing belongs to the wing.

May be left out: antennae and legs. Do not reject a mask for having them or for lacking them.

A torn wing is taken as it is: the mask follows what is there, not what was there once.\
"""
"""Counts until somebody writes another."""


def wordings(session: Session) -> list[MaskRule]:
    """The newest wordings, the one that counts first."""
    query = select(MaskRule).options(joinedload(MaskRule.person)).order_by(MaskRule.id.desc())
    return list(session.scalars(query.limit(SHOWN)))


def write(session: Session, person_id: int, text: str) -> MaskRule:
    """Add a wording; the same as the newest is no new one."""
    tidy = text.replace("\r\n", "\n").strip()
    if not tidy:
        raise Refused("The rule cannot be empty; write what belongs to a mask.")
    if len(tidy) > LONGEST:
        raise Refused("The rule has at most {limit} characters.", limit=LONGEST)
    newest = session.scalar(select(MaskRule).order_by(MaskRule.id.desc()).limit(1))
    if newest is not None and newest.text == tidy:
        return newest
    rule = MaskRule(text=tidy, person_id=person_id, created_at=now(session))
    session.add(rule)
    session.flush()
    return rule
