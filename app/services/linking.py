"""Photographs that stay where they are: whether they are still there, as far as a look can tell."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.domain.photographs import Photograph
from app.errors import BrokenLink

AT_ONCE = 1000
MOST_NAMED = 5


@dataclass
class Links:
    """Of all linked photographs: how many there are, and which are gone or look changed."""

    linked: int = 0
    broken: int = 0
    examples: list[str] = field(default_factory=list)


def examine(session: Session, blobs: Blobs) -> Links:
    """Look at all linked files."""
    found = Links()
    query = select(Photograph.digest, Photograph.linked_path).where(
        Photograph.linked_path.is_not(None)
    )
    for digest, path in session.execute(query.execution_options(yield_per=AT_ONCE)):
        found.linked += 1
        try:
            blobs.examine(digest)
        except BrokenLink:
            found.broken += 1
            if len(found.examples) < MOST_NAMED:
                found.examples.append(path or digest)
    return found


def problem(blobs: Blobs, photograph: Photograph) -> BrokenLink | None:
    """Why a photograph that stays where it is cannot be shown; nothing if it can."""
    if photograph.linked_path is None:
        return None
    try:
        blobs.examine(photograph.digest)
    except BrokenLink as broken:
        return broken
    return None
