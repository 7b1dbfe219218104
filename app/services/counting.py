"""Counts that cost little however large the collection: up to a limit, or of some seconds ago.

Counting takes as long as the collection is large, and every page and decision asks for some.
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import URL, Select, func, select
from sqlalchemy.orm import Session

from app.domain.specimens import Specimen, SpecimenState

MOST = 10_000
"""What is asked for in ever new ways is counted up to here."""

LARGE = 20_000
"""From so many rows on a count is kept: a second for so many of them."""
Count = TypeVar("Count")


@dataclass(frozen=True)
class UpTo:
    """So many, or so many and more."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.number}+" if self.more else str(self.number)


def up_to(session: Session, rows: Select[*tuple[Any, ...]], most: int = MOST) -> UpTo:
    """Count rows, at most so many."""
    limited = rows.limit(most + 1).subquery()
    found = session.scalar(select(func.count()).select_from(limited)) or 0
    return UpTo(min(found, most), found > most)


_kept: dict[tuple[URL, Hashable], tuple[float, Any]] = {}


def kept(
    session: Session, what: Hashable, count: Callable[[], Count], size: Callable[[Count], int]
) -> Count:
    """What `count` gives, or has given lately.

    Args:
        session: of the database that is counted.
        what: names the count.
        count: counts anew.
        size: how many rows a count has gone through.
    """
    key = session.get_bind().engine.url, what
    until, found = _kept.get(key, (0.0, None))
    if time.monotonic() < until:
        lately: Count = found
        return lately
    counted = count()
    if size(counted) >= LARGE:
        now = time.monotonic()
        for over in [key for key, (until, _) in list(_kept.items()) if until < now]:
            _kept.pop(over, None)
        _kept[key] = now + size(counted) / LARGE, counted
    return counted


def state_counts(session: Session) -> dict[SpecimenState, int]:
    """How many are in each state: of a large collection, as it was some seconds ago."""
    return kept(session, "states", lambda: _state_counts(session), lambda by: sum(by.values()))


def _state_counts(session: Session) -> dict[SpecimenState, int]:
    per_state = select(Specimen.state, func.count()).group_by(Specimen.state)
    found = dict(session.execute(per_state).all())
    return {state: found.get(state, 0) for state in SpecimenState}


def of_collection(session: Session, what: str, count: Callable[[], Count]) -> Count:
    """What goes through specimens: of a large collection, as it was some seconds ago."""
    specimens = sum(state_counts(session).values())
    return kept(session, what, count, lambda _: specimens)
