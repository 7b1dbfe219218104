"""Which specimens are meant by what their names and tables say; used wherever they are listed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.domain.specimens import Specimen
from app.services import metadata, taxa
from app.services.distinct import distinct


@dataclass(frozen=True)
class About:
    """What is asked for; what is empty does not matter."""

    taxon: str = ""
    """How its code begins."""
    family: str = ""
    sex: str = ""
    field: str = ""
    """Name of a metadata field."""
    value: str = ""
    """A part of what the field says; empty: anything."""

    def __bool__(self) -> bool:
        return self != ANYTHING

    def conditions(self, session: Session) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if self.taxon:
            conditions.append(Specimen.taxon.startswith(self.taxon, autoescape=True))
        if self.family:
            conditions.append(taxa.of_family(self.family))
        if self.sex:
            conditions.append(Specimen.sex == self.sex)
        if self.field:
            conditions.append(metadata.having(session, self.field, self.value))
        return conditions


ANYTHING = About()


@dataclass(frozen=True)
class Choices:
    """What can be asked for."""

    families: Sequence[str]
    sexes: Sequence[str]
    fields: Sequence[str]
    has_taxa: bool

    def __bool__(self) -> bool:
        return bool(self.families or self.sexes or self.fields or self.has_taxa)


def choices(session: Session) -> Choices:
    with_code = select(Specimen.id).where(Specimen.taxon > "").limit(1)
    return Choices(
        families=taxa.families(session),
        sexes=list(distinct(session, Specimen.sex, Specimen.sex != "")),
        fields=metadata.field_names(session),
        has_taxa=session.scalar(with_code) is not None,
    )
