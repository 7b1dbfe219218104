"""Tables about specimens, joined by file name or catalogue number; columns become fields.

The newest table counts: it replaces the fields that it has, also by nothing, and leaves the others.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import ColumnElement, and_, delete, func, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import Database
from app.domain.photographs import MetadataField, Photograph
from app.domain.specimens import Specimen
from app.errors import Refused
from app.services import sources, table_columns
from app.services.counting import of_collection
from app.services.csv_tables import Problems, Row
from app.services.distinct import distinct
from app.services.table_columns import FILE, NUMBER, stem_of
from app.services.tables import Table

LONGEST_KEY = 400
LONGEST_NAME = 100
LONGEST_VALUE = 1000
SHOWN = 5
MOST_NAMES = 200
FEW = 1000
"""Rows of tables that are looked up one by one."""


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


def look(session: Session, code: str, table: Table, key: str = "") -> JoinReport:
    """Tell what would become of a table."""
    reading = _Reading(session, code, table, key)
    for rows in table.chunks(1):
        reading.understood(session, rows)
    return reading.report


def take(database: Database, code: str, table: Table, key: str = "") -> JoinReport:
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
    """Every field that any specimen has, up to so many."""
    return list(islice(distinct(session, MetadataField.name), MOST_NAMES))


def count(session: Session, source_id: int) -> int:
    """How many names or numbers of a source tables say anything of, some seconds ago if many."""
    keys = select(MetadataField.key).where(MetadataField.source_id == source_id).distinct()
    counted = select(func.count()).select_from(keys.subquery())
    return of_collection(session, f"described: {source_id}", lambda: session.scalar(counted) or 0)


def having(session: Session, name: str, value: str) -> ColumnElement[bool]:
    """Specimens with this field, where a value is given with that in it.

    What few rows say leads to their specimens; what many say is met on the way through these.
    """
    said = [MetadataField.name == name]
    if value:
        said.append(MetadataField.value.icontains(value, autoescape=True))
    some = select(MetadataField.source_id, MetadataField.key).where(*said).limit(FEW + 1)
    found = session.execute(some).all()
    if len(found) > FEW:
        its_own = Photograph.id == Specimen.photograph_id
        file = select(Photograph.key).where(its_own).correlate(Specimen)
        own = Specimen.key, Specimen.number, file.scalar_subquery()
        about = MetadataField.source_id == Specimen.source_id, MetadataField.key.in_(own)
        # No EXISTS: PostgreSQL would join it by the source alone, each specimen with each row.
        one = select(MetadataField.key).where(*about, *said).limit(1)
        return one.correlate(Specimen).scalar_subquery().is_not(None)
    keys = defaultdict[int, list[str]](list)
    for source_id, key in found:
        keys[source_id].append(key)
    ids = {id_ for source_id, meant in keys.items() for id_ in _meant(session, source_id, meant)}
    return Specimen.id.in_(ids)


class _Reading:
    """One way through a table."""

    def __init__(self, session: Session, code: str, table: Table, key: str) -> None:
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
    for column, condition in _by_key(source_id, keys):
        found.update(session.scalars(select(column).where(condition)))
    return found


def _meant(session: Session, source_id: int, keys: Sequence[str]) -> Iterator[int]:
    """The specimens that these keys mean; for some thousands at most."""
    for column, condition in _by_key(source_id, keys):
        query = select(Specimen.id).where(condition)
        if column is Photograph.key:
            query = query.join(Photograph, Photograph.id == Specimen.photograph_id)
        yield from session.scalars(query)


def _by_key(
    source_id: int, keys: Sequence[str]
) -> Iterator[tuple[InstrumentedAttribute[str], ColumnElement[bool]]]:
    """The columns by which keys mean a specimen, with some of the keys at a time."""
    columns = (Specimen, Specimen.key), (Specimen, Specimen.number), (Photograph, Photograph.key)
    for first in range(0, len(keys), 500):
        some = keys[first : first + 500]
        for table, column in columns:
            yield column, and_(table.source_id == source_id, column.in_(some))
