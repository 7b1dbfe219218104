"""Tables about specimens, joined by file name or catalogue number; columns become fields.

The newest table counts: it replaces the fields that it has, also by nothing, and leaves the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, select
from sqlalchemy.orm import Session

from app.db import Database
from app.domain.photographs import MetadataField, Photograph
from app.domain.specimens import Specimen
from app.errors import Refused
from app.services import sources, table_columns
from app.services.csv_tables import CsvTable, Problems, Row
from app.services.table_columns import FILE, NUMBER, stem_of

LONGEST_KEY = 400
LONGEST_NAME = 100
LONGEST_VALUE = 1000
SHOWN = 5
MOST_NAMES = 200


@dataclass
class JoinReport:
    """What a table would give to which specimens, or has given. Counts are of rows."""

    key: str
    """Title of the column that names the specimens."""
    titles: list[str]
    """Of all columns that could."""
    fields: list[str]
    encoding: str
    rows: int = 0
    here: int = 0
    """Whose specimens are here already; the others wait for theirs."""
    first: list[list[str]] = field(default_factory=list)
    """Some rows as they are understood: key, then the fields."""
    problems: Problems = field(default_factory=Problems)


def look(session: Session, code: str, table: CsvTable, key: str = "") -> JoinReport:
    """Tell what would become of a table."""
    reading = _Reading(session, code, table, key)
    for rows in table.chunks(1):
        reading.understood(session, rows)
    return reading.report


def take(database: Database, code: str, table: CsvTable, key: str = "") -> JoinReport:
    """Join a table, some rows in each transaction."""
    with database.reading() as session:
        reading = _Reading(session, code, table, key)
    for rows in table.chunks(1):
        with database.transaction() as session:
            _store(session, reading, reading.understood(session, rows))
    return reading.report


def of_specimen(session: Session, specimen: Specimen) -> dict[str, str]:
    """What tables say of a specimen; what is said of its name goes before what of its number."""
    photograph = session.get_one(Photograph, specimen.photograph_id)
    keys = [key for key in (specimen.number, photograph.key, specimen.key) if key]
    query = select(MetadataField).where(
        MetadataField.source_id == specimen.source_id, MetadataField.key.in_(keys)
    )
    found = sorted(session.scalars(query), key=lambda each: keys.index(each.key))
    return {each.name: each.value for each in found}


def field_names(session: Session) -> list[str]:
    """Every field that any specimen has; each is one step in the index, however many values."""
    found: list[str] = []
    smallest = select(func.min(MetadataField.name))
    name = session.scalar(smallest)
    while name is not None and len(found) < MOST_NAMES:
        found.append(name)
        name = session.scalar(smallest.where(MetadataField.name > name))
    return found


def count(session: Session, source_id: int) -> int:
    """How many names or numbers of a source tables say anything of."""
    keys = select(MetadataField.key).where(MetadataField.source_id == source_id).distinct()
    return session.scalar(select(func.count()).select_from(keys.subquery())) or 0


def having(name: str, value: str) -> ColumnElement[bool]:
    """Specimens with this field, where a value is given with that in it."""
    said = select(MetadataField).where(MetadataField.name == name)
    if value:
        said = said.where(MetadataField.value.icontains(value, autoescape=True))
    meant = said.cte()
    same_source = Specimen.source_id == meant.c.source_id
    by_photograph = and_(Photograph.source_id == meant.c.source_id, Photograph.key == meant.c.key)
    return Specimen.id.in_(
        select(Specimen.id)
        .join(meant, and_(same_source, Specimen.key == meant.c.key))
        .union(
            select(Specimen.id).join(meant, and_(same_source, Specimen.number == meant.c.key)),
            select(Specimen.id)
            .join(Photograph, Photograph.id == Specimen.photograph_id)
            .join(meant, by_photograph),
        )
    )


class _Reading:
    """One way through a table."""

    def __init__(self, session: Session, code: str, table: CsvTable, key: str) -> None:
        self.source_id = sources.get(session, code).id
        header, sample = table.header, table.sample(1, most=50)
        index = table_columns.index_column(header, sample)
        columns = {title: number for number, title in reversed(list(enumerate(header))) if title}
        columns = {title: columns[title] for title in header if title and columns[title] != index}
        if key and key not in columns:
            raise Refused("{name} has no column “{column}”.", name=table.name, column=key)
        self.key = columns[key] if key else self._key(session, header, sample, columns)
        self.columns = {
            title[:LONGEST_NAME]: number for title, number in columns.items() if number != self.key
        }
        if not self.columns:
            raise Refused(
                "{name} needs a column that names specimens and at least one that says something "
                "of them.",
                name=table.name,
            )
        self.report = JoinReport(
            key=header[self.key],
            titles=list(columns),
            fields=list(self.columns),
            encoding=table.encoding,
        )

    def _key(
        self,
        session: Session,
        header: Sequence[str],
        sample: Sequence[Row],
        columns: dict[str, int],
    ) -> int:
        """The column that names specimens: what fits best decides, then what stands above."""
        numbers = list(columns.values())
        cells = {stem_of(row.cell(number)) for row in sample for number in numbers}
        known = _known(session, self.source_id, sorted(cells - {""}))
        fitting = table_columns.most_fitting(numbers, sample, lambda cell: stem_of(cell) in known)
        if fitting is not None:
            return fitting
        headed = table_columns.headed(header, (*FILE, *NUMBER))
        return headed if headed is not None else next(iter(numbers), 0)

    def understood(self, session: Session, rows: Sequence[Row]) -> dict[str, Row]:
        """The rows by what they name; of two about the same the later one counts."""
        report = self.report
        report.rows += len(rows)
        found = {}
        for row in report.problems.without(rows):
            key = stem_of(row.cell(self.key))
            if not key or len(key) > LONGEST_KEY:
                report.problems.add(row.line, "It names no specimen.")
            elif any(len(row.cell(column)) > LONGEST_VALUE for column in self.columns.values()):
                report.problems.add(
                    row.line, "A cell is longer than {limit} characters.", limit=LONGEST_VALUE
                )
            else:
                found[key] = row
        report.here += len(_known(session, self.source_id, list(found)))
        for key, row in list(found.items())[: SHOWN - len(report.first)]:
            report.first.append([key, *(row.cell(column) for column in self.columns.values())])
        return found


def _store(session: Session, reading: _Reading, rows: dict[str, Row]) -> None:
    told = MetadataField.key.in_(rows), MetadataField.name.in_(reading.columns)
    session.execute(
        delete(MetadataField).where(MetadataField.source_id == reading.source_id, *told)
    )
    values = [
        {"source_id": reading.source_id, "key": key, "name": name, "value": row.cell(column)}
        for key, row in rows.items()
        for name, column in reading.columns.items()
        if row.cell(column)
    ]
    if values:
        session.execute(insert(MetadataField), values)


def _known(session: Session, source_id: int, keys: Sequence[str]) -> set[str]:
    """Which of these keys mean a specimen of the source; for some thousands at most."""
    found: set[str] = set()
    for first in range(0, len(keys), 500):
        some = keys[first : first + 500]
        queries: tuple[Select[str], ...] = (
            select(Specimen.key).where(Specimen.source_id == source_id, Specimen.key.in_(some)),
            select(Specimen.number).where(
                Specimen.source_id == source_id, Specimen.number.in_(some)
            ),
            select(Photograph.key).where(
                Photograph.source_id == source_id, Photograph.key.in_(some)
            ),
        )
        for query in queries:
            found.update(session.scalars(query))
    return found
