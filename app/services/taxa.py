"""Names of taxa: what codes such as ``LYM11`` stand for, from a table that people bring."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.db import Database
from app.domain.specimens import Specimen
from app.domain.taxa import Taxon
from app.errors import Refused
from app.services import table_columns
from app.services.counting import of_collection
from app.services.csv_tables import Problems, Row
from app.services.table_columns import CODE, FAMILY, NAME
from app.services.tables import Table

PAGE = 200


@dataclass
class TaxaReport:
    """What a table has given. Counts are of rows."""

    encoding: str
    rows: int = 0
    new: int = 0
    changed: int = 0
    problems: Problems = field(default_factory=Problems)


@dataclass(frozen=True)
class TaxonLine:
    taxon: Taxon
    specimens: int


def take(database: Database, table: Table) -> TaxaReport:
    """Keep a table of codes, families and names; a code that is known gets the new ones."""
    report = TaxaReport(table.encoding)
    columns = _columns(table)
    for rows in table.chunks(1):
        with database.transaction() as session:
            _store(session, _read(rows, columns, report), columns, report)
    return report


def titles(session: Session, codes: Collection[str]) -> dict[str, str]:
    """What people read for each code: the code itself, its family and its name."""
    return {code: _title(taxon) for code, taxon in of_codes(session, codes).items()}


def of_codes(session: Session, codes: Collection[str]) -> dict[str, Taxon]:
    """What each code stands for; one that no table names has neither family nor name."""
    asked = {code for code in codes if code}
    named = select(Taxon).where(Taxon.code.in_(asked))
    known = {taxon.code: taxon for taxon in session.scalars(named)} if asked else {}
    return {code: known.get(code) or Taxon(code=code, family="", name="") for code in codes}


def _title(taxon: Taxon) -> str:
    return " · ".join(part for part in (taxon.code, taxon.family, taxon.name) if part)


def families(session: Session) -> Sequence[str]:
    query = select(Taxon.family).where(Taxon.family != "").distinct()
    return session.scalars(query.order_by(Taxon.family)).all()


def of_family(family: str) -> ColumnElement[bool]:
    return Specimen.taxon.in_(select(Taxon.code).where(Taxon.family == family))


def lines(session: Session, search: str = "", after: str = "") -> list[TaxonLine]:
    """At most PAGE taxa whose code comes behind `after`, with the number of their specimens."""
    counts = select(func.count()).where(Specimen.taxon == Taxon.code).scalar_subquery()
    query = select(Taxon, counts).where(Taxon.code > after).order_by(Taxon.code).limit(PAGE)
    if search:
        anywhere = (Taxon.code, Taxon.family, Taxon.name)
        alike = [column.icontains(search, autoescape=True) for column in anywhere]
        query = query.where(alike[0] | alike[1] | alike[2])
    return [TaxonLine(*row) for row in session.execute(query)]


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Taxon)) or 0


def nameless(session: Session, limit: int = 20) -> list[tuple[str, int]]:
    """Codes that specimens have and no table names, the most frequent first."""
    number = func.count()
    query = (
        select(Specimen.taxon, number)
        .where(Specimen.taxon != "", Specimen.taxon.not_in(select(Taxon.code)))
        .group_by(Specimen.taxon)
        .order_by(number.desc(), Specimen.taxon)
        .limit(limit)
    )
    return of_collection(
        session,
        f"nameless: {limit}",
        lambda: [(code, specimens) for code, specimens in session.execute(query)],
    )


def _columns(table: Table) -> tuple[int, int | None, int | None]:
    code = table_columns.headed(table.header, CODE)
    family = table_columns.headed(table.header, FAMILY)
    name = table_columns.headed(table.header, NAME)
    if code is None or (family is None and name is None):
        raise Refused(
            "{name} needs a column “code” and a column “family” or “name”; it has {columns}.",
            name=table.name,
            columns=", ".join(title or "—" for title in table.header),
        )
    return code, family, name


def _read(
    rows: Sequence[Row], columns: tuple[int, int | None, int | None], report: TaxaReport
) -> dict[str, Taxon]:
    report.rows += len(rows)
    found = {}
    for row in report.problems.without(rows):
        code, family, name = (row.cell(column) for column in columns)
        if not code:
            report.problems.add(row.line, "It has no code.")
        elif len(code) > 60 or len(family) > 100 or len(name) > 200:
            report.problems.add(row.line, "A cell is too long for a code, a family or a name.")
        else:
            found[code] = Taxon(code=code, family=family, name=name)
    return found


def _store(
    session: Session,
    wanted: dict[str, Taxon],
    columns: tuple[int, int | None, int | None],
    report: TaxaReport,
) -> None:
    _, family, name = columns
    there = select(Taxon).where(Taxon.code.in_(wanted)).order_by(Taxon.code).with_for_update()
    known = {taxon.code: taxon for taxon in session.scalars(there)}
    for code, taxon in wanted.items():
        if (old := known.get(code)) is None:
            session.add(taxon)
            report.new += 1
            continue
        # A table without a column says nothing against what is known.
        new = (
            taxon.family if family is not None else old.family,
            taxon.name if name is not None else old.name,
        )
        report.changed += new != (old.family, old.name)
        old.family, old.name = new
