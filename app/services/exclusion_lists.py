"""Lists of photographs that are of no use, as CSV: names and reasons in whatever columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.db import Database, now
from app.domain.photographs import Exclusion, Photograph, Source
from app.domain.specimens import Specimen
from app.errors import Refused
from app.services import exclusions, name_patterns, sources, table_columns
from app.services.csv_tables import Problems, Row
from app.services.exclusions import CROPPED
from app.services.table_columns import FILE, NOTE, REASON, SOURCE, stem_of
from app.services.tables import Table

_LIMITS = {
    "key": (400, "Its name is longer than {limit} characters."),
    "reason": (200, "Its reason is longer than {limit} characters."),
    "note": (1000, "Its note is longer than {limit} characters."),
}
PAGE = 100


@dataclass(frozen=True)
class ListColumns:
    key: int
    reason: int
    note: int | None
    source: int | None
    headed: bool
    """The first row says what the columns hold; otherwise it is a row like the others."""


@dataclass
class ListReport:
    """What a list says, or has done. All counts are of rows."""

    columns: tuple[str, str]
    """Where names and reasons are taken from."""
    encoding: str
    rows: int = 0
    new: int = 0
    """That were on no list before."""
    here: int = 0
    """New ones whose specimen is here already."""
    labelled: int = 0
    """New ones whose specimen has a label."""
    sources: dict[str, int] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)


@dataclass(frozen=True)
class _Line:
    source_id: int
    key: str
    reason: str
    note: str


def look(session: Session, code: str, table: Table) -> ListReport:
    """Tell what a list would do."""
    reading = _Reading(session, code, table)
    for rows in table.chunks(int(reading.columns.headed)):
        for source_id, lines in reading.by_source(session, rows).items():
            fresh = _unknown(session, source_id, lines)
            found = _specimens(session, source_id, [line.key for line in fresh])
            reading.count(fresh, found)
    return reading.report


def take(database: Database, code: str, table: Table, person_id: int) -> ListReport:
    """Keep a list, and make the specimens that are here unusable; some rows in each transaction."""
    with database.reading() as session:
        reading = _Reading(session, code, table)
    for rows in table.chunks(int(reading.columns.headed)):
        with database.transaction() as session:
            for source_id, lines in reading.by_source(session, rows).items():
                fresh = _unknown(session, source_id, lines)
                reading.count(fresh, _exclude(session, source_id, fresh, person_id))
    return reading.report


def of_source(session: Session, source_id: int, after: int = 0) -> Sequence[Exclusion]:
    """At most PAGE lines of the source's list whose number is above `after`."""
    query = select(Exclusion).where(Exclusion.source_id == source_id, Exclusion.id > after)
    return session.scalars(query.order_by(Exclusion.id).limit(PAGE)).all()


def count(session: Session, source_id: int) -> int:
    lines = select(func.count()).where(Exclusion.source_id == source_id)
    return session.scalar(lines) or 0


class _Reading:
    """One way through a list."""

    def __init__(self, session: Session, code: str, table: Table) -> None:
        self.source = sources.get(session, code)
        self.columns = columns_of(table, self.source.name_pattern)
        titles = [f"{number + 1}" for number in range(len(table.header))]
        if self.columns.headed:
            titles = [title or titles[number] for number, title in enumerate(table.header)]
        named = titles[self.columns.key], titles[self.columns.reason]
        self.report = ListReport(columns=named, encoding=table.encoding)

    def by_source(self, session: Session, rows: Sequence[Row]) -> dict[int, list[_Line]]:
        """The lines that can be read; a row can name another source than the list's own."""
        report, found = self.report, dict[int, list[_Line]]()
        report.rows += len(rows)
        codes = {row.cell(self.columns.source) for row in rows} | {self.source.code}
        known = dict(
            session.execute(select(Source.code, Source.id).where(Source.code.in_(codes))).all()
        )
        for row in report.problems.without(rows):
            code = row.cell(self.columns.source) or self.source.code
            if code not in known:
                report.problems.add(row.line, "There is no source {code} yet.", code=code)
            elif (line := self._line(row, known[code])) is not None:
                report.sources[code] = report.sources.get(code, 0) + 1
                found.setdefault(known[code], []).append(line)
        return found

    def _line(self, row: Row, source_id: int) -> _Line | None:
        columns, problems = self.columns, self.report.problems
        key, reason = stem_of(row.cell(columns.key)), row.cell(columns.reason)
        line = _Line(source_id, key, reason, row.cell(columns.note))
        if not key:
            problems.add(row.line, "It gives no name.")
        elif not reason:
            problems.add(row.line, "It gives no reason.")
        else:
            for part, (limit, template) in _LIMITS.items():
                if len(getattr(line, part)) > limit:
                    problems.add(row.line, template, limit=limit)
                    return None
            return line
        return None

    def count(self, fresh: Sequence[_Line], found: Sequence[Specimen]) -> None:
        here = {key for each in found for key in (each.key, each.photograph.key)}
        labels = [each for each in found if each.version_id is not None]
        labelled = {key for each in labels for key in (each.key, each.photograph.key)}
        for line in fresh:
            keys = {line.key, line.key.removesuffix(CROPPED)}
            self.report.new += 1
            self.report.here += not keys.isdisjoint(here)
            self.report.labelled += not keys.isdisjoint(labelled)


def columns_of(table: Table, pattern: str) -> ListColumns:
    """Find names and reasons by what stands above the columns, or else by what is in them."""
    header = table.header
    sample = table.sample(1) or table.sample()
    key = table_columns.headed(header, FILE)
    reason = table_columns.headed(header, REASON)
    note, source = table_columns.headed(header, NOTE), table_columns.headed(header, SOURCE)
    if reason is None:
        reason, note = note, None
    index = table_columns.index_column(header, sample)
    known = {key, reason, note, source, index}
    others = [column for column in range(len(header)) if column not in known]
    if key is None and others:
        fitting = table_columns.most_fitting(
            others, sample, lambda cell: name_patterns.matched(stem_of(cell), pattern) is not None
        )
        key = fitting if fitting is not None else table_columns.most_various(others, sample)
        others.remove(key)
    if reason is None and others:
        reason = others[0]
    if key is None or reason is None:
        raise Refused(
            "{name} needs one column with names and one with reasons; it has {columns}.",
            name=table.name,
            columns=", ".join(title or "—" for title in header),
        )
    said = table_columns.headed(header, (*FILE, *REASON, *NOTE, *SOURCE)) is not None
    looks_like_data = name_patterns.matched(stem_of(header[key]), pattern) is not None
    return ListColumns(key, reason, note, source, headed=said or not looks_like_data)


def _unknown(session: Session, source_id: int, lines: Sequence[_Line]) -> list[_Line]:
    """Those that are not on the source's list yet, each once."""
    keys = {line.key for line in lines}
    listed = select(Exclusion.key, Exclusion.reason).where(
        Exclusion.source_id == source_id, Exclusion.key.in_(keys)
    )
    known = {(row.key, row.reason) for row in session.execute(listed)}
    fresh = {(line.key, line.reason): line for line in reversed(lines)}
    return [line for pair, line in reversed(fresh.items()) if pair not in known]


def _specimens(session: Session, source_id: int, keys: Sequence[str]) -> Sequence[Specimen]:
    """Those that lines with these keys mean, several on one photograph too."""
    wanted = {*keys, *(key.removesuffix(CROPPED) for key in keys)}
    of_photographs = (
        select(Specimen.id)
        .join(Photograph, Photograph.id == Specimen.photograph_id)
        .where(Photograph.source_id == source_id, Photograph.key.in_(wanted))
    )
    named = select(Specimen.id).where(Specimen.source_id == source_id, Specimen.key.in_(wanted))
    meant = of_photographs.union(named)
    # In the order of numbers, as batches do: two that lock the same rows then wait in line.
    locked = select(Specimen).where(Specimen.id.in_(meant)).order_by(Specimen.id)
    photograph = joinedload(Specimen.photograph, innerjoin=True)
    return session.scalars(locked.options(photograph).with_for_update(of=Specimen)).all()


def _exclude(
    session: Session, source_id: int, lines: Sequence[_Line], person_id: int
) -> Sequence[Specimen]:
    by_key: dict[str, list[Exclusion]] = {}
    for line in lines:
        exclusion = Exclusion(
            source_id=source_id,
            key=line.key,
            reason=line.reason,
            note=line.note,
            person_id=person_id,
            created_at=now(session),
        )
        session.add(exclusion)
        by_key.setdefault(line.key, []).append(exclusion)
    session.flush()
    found = _specimens(session, source_id, list(by_key))
    for specimen in found:
        keys = {*exclusions.keys_of(specimen.key), *exclusions.keys_of(specimen.photograph.key)}
        meant = [each for key in sorted(keys) for each in by_key.get(key, ())]
        exclusions.exclude(session, specimen, meant)
    return found
