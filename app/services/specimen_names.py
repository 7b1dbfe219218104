"""Specimens as people name them in a terminal: by key, and with the source where two have it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.photographs import Source
from app.domain.specimens import Specimen
from app.errors import NotFound, Refused


def numbers_of(session: Session, names: Sequence[str]) -> list[int]:
    """The number of each named specimen, `CARS0717` or `CARS/CARS0717`.

    Raises:
        NotFound: there is no such specimen.
        Refused: several sources have one of that name.
    """
    return [_number_of(session, name) for name in names]


def _number_of(session: Session, name: str) -> int:
    query = (
        select(Specimen.id, Source.code)
        .join(Source, Source.id == Specimen.source_id)
        .order_by(Source.code)
    )
    found = session.execute(query.where(Specimen.key == name)).all()
    code, slash, key = name.partition("/")
    if not found and slash:
        found = session.execute(query.where(Source.code == code, Specimen.key == key)).all()
    if not found:
        raise NotFound("There is no specimen {name}.", name=name)
    if len(found) > 1:
        raise Refused(
            "Several sources have a specimen {name}. Name one as {examples}.",
            name=name,
            examples=", ".join(f"{row[1]}/{name}" for row in found),
        )
    return int(found[0][0])
