"""Free words on specimens. A word that is there already, or is gone already, is no error.

One word means something to the program: what carries the tag of the benchmark is of it.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.benchmark import TAG as BENCHMARK
from app.domain.specimens import Specimen, Tag
from app.errors import NotFound, Refused
from app.services import benchmark

LONGEST_WORD = 60
AT_ONCE = 500
"""Rows that one query names; SQLite takes so many values, and PostgreSQL plans them quickly."""


@dataclass(frozen=True)
class WordInUse:
    word: str
    count: int


def tidy(word: str) -> str:
    """One spelling of a word: composed characters (NFC), single blanks, none at the ends.

    The tag of the benchmark is the same in capitals.
    """
    plain = " ".join(unicodedata.normalize("NFC", word).split())
    if not plain:
        raise Refused("Please type the word that the specimens shall carry.")
    if len(plain) > LONGEST_WORD:
        raise Refused("A tag has at most {limit} characters.", limit=LONGEST_WORD)
    if not plain.isprintable():
        raise Refused("A tag holds only characters that can be printed.")
    return BENCHMARK if plain.casefold() == BENCHMARK else plain


def words_in_use(session: Session) -> list[WordInUse]:
    """Every word with the number of specimens that carry it, the most used first."""
    count = func.count()
    rows = session.execute(
        select(Tag.word, count).group_by(Tag.word).order_by(count.desc(), Tag.word)
    )
    return [WordInUse(*row) for row in rows]


def words_of(session: Session, specimen_id: int) -> list[str]:
    query = select(Tag.word).where(Tag.specimen_id == specimen_id)
    return list(session.scalars(query.order_by(Tag.word)))


def tag(
    session: Session, person_id: int | None, specimen_ids: Sequence[int], word: str, *, on: bool
) -> str:
    """Put a word on specimens or take it off them; returns the word as it is kept.

    Raises:
        Refused: it is no word, or a round has learned from what is to join the benchmark.
    """
    kept, ids = tidy(word), sorted(set(specimen_ids))
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        _lock(session, some)
        if on:
            _add(session, person_id, some, kept)
        else:
            session.execute(delete(Tag).where(Tag.word == kept, Tag.specimen_id.in_(some)))
        if kept == BENCHMARK:
            benchmark.settle(session, person_id, some, joined=on)
    return kept


def _lock(session: Session, ids: Sequence[int]) -> None:
    """Two people who tag the same specimens at once wait for each other, in one order."""
    wanted = select(Specimen.id).where(Specimen.id.in_(ids)).order_by(Specimen.id)
    found = set(session.scalars(wanted.with_for_update()))
    for specimen_id in ids:
        if specimen_id not in found:
            raise NotFound("There is no specimen {number}.", number=specimen_id)


def _add(session: Session, person_id: int | None, ids: Sequence[int], word: str) -> None:
    carrying = set(
        session.scalars(select(Tag.specimen_id).where(Tag.word == word, Tag.specimen_id.in_(ids)))
    )
    moment = now(session)
    session.add_all(
        Tag(specimen_id=id_, word=word, person_id=person_id, created_at=moment)
        for id_ in ids
        if id_ not in carrying
    )
    session.flush()
