"""How one person likes the pages: their keys, single-letter keys, fill colour."""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.people import Preference
from app.errors import NotFound, Refused
from app.services import people

Page = Literal["review", "editor", "grid", "boxes"]
Word = Annotated[str, Field(min_length=1, max_length=40)]
Fill = Literal["blue", "black", "white", "green", "chequered", "outline"]

SHAPES: dict[str, TypeAdapter[Any]] = {
    "keys": TypeAdapter(dict[Page, Annotated[dict[Word, Word], Field(max_length=100)]]),
    "letters": TypeAdapter(bool),
    "fill": TypeAdapter(Fill),
}


def of_person(session: Session, person_id: int) -> dict[str, Any]:
    rows = session.scalars(select(Preference).where(Preference.person_id == person_id))
    return {row.name: row.value for row in rows}


def get(session: Session, person_id: int, name: str) -> Any:
    """The value, or None where the person has chosen nothing."""
    _shape(name)
    row = session.get(Preference, (person_id, name))
    return row.value if row is not None else None


def put(session: Session, person_id: int, name: str, value: object) -> None:
    try:
        tidy = _shape(name).validate_python(value, strict=True)
    except ValidationError as error:
        # Not what was sent: it may be anything, of any length.
        raise Refused("This cannot be the preference “{name}”.", name=name) from error
    people.lock(session, person_id)
    row = session.get(Preference, (person_id, name))
    if row is None:
        session.add(Preference(person_id=person_id, name=name, value=tidy))
    else:
        row.value = tidy


def _shape(name: str) -> TypeAdapter[Any]:
    if name not in SHAPES:
        known = ", ".join(SHAPES)
        raise NotFound("There is no preference “{name}”, only {known}.", name=name, known=known)
    return SHAPES[name]
