"""Tables about photographs and specimens that come as CSV files, and what is told of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from app.errors import Refused
from app.services import names
from app.services.csv_tables import Problems
from app.services.exclusion_lists import ListReport
from app.services.metadata import JoinReport
from app.services.tables import Table, open_table
from app.services.taxa import TaxaReport
from app.web.wording import sentence


class RowProblem(BaseModel):
    line: int
    error: str


class TableReply(BaseModel):
    """What a table says, or what became of it."""

    encoding: str
    counts: dict[str, int]
    told: list[str]
    """The same in sentences."""
    columns: list[str] = []
    """For metadata: those that could name the specimens."""
    key: str = ""
    header: list[str] = []
    first: list[list[str]] = []
    problems: list[RowProblem]
    """The first of them."""


@contextmanager
def table_in(form: FormData) -> Iterator[Table]:
    file = form.get("files")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Refused("Choose a CSV file.")
    with open_table(file.file, file.filename) as table:
        yield table


def list_reply(report: ListReport) -> TableReply:
    names, reasons = report.columns
    others = ", ".join(f"{code} {count}" for code, count in sorted(report.sources.items()))
    told = [
        _read(report.encoding, report.rows),
        sentence("Names are in “{names}”, reasons in “{reasons}”.", names=names, reasons=reasons),
        sentence("Lines by source: {counts}.", counts=others or "0"),
        sentence(
            "{new} lines are new; {here} of them name a specimen that is here.",
            new=report.new,
            here=report.here,
        ),
    ]
    if report.labelled:
        told.append(
            sentence(
                "{labelled} of these specimens have a label, which is kept but used no more.",
                labelled=report.labelled,
            )
        )
    counts = {
        "rows": report.rows,
        "new": report.new,
        "here": report.here,
        "labelled": report.labelled,
        "problems": report.problems.count,
    }
    return _reply(report.encoding, counts, told, report.problems)


def join_reply(report: JoinReport) -> TableReply:
    told = [
        _read(report.encoding, report.rows),
        sentence(
            "{here} rows fit a specimen that is here by “{key}”; the others wait for theirs.",
            here=report.here,
            key=report.key,
        ),
    ]
    counts = {"rows": report.rows, "here": report.here, "problems": report.problems.count}
    reply = _reply(report.encoding, counts, told, report.problems)
    header = [report.key, *report.fields]
    more = {"columns": report.titles, "key": report.key, "header": header, "first": report.first}
    return reply.model_copy(update=more)


def taxa_reply(report: TaxaReport) -> TableReply:
    told = [
        _read(report.encoding, report.rows),
        sentence(
            "{new} codes are new, {changed} have changed.", new=report.new, changed=report.changed
        ),
    ]
    counts = {
        "rows": report.rows,
        "new": report.new,
        "changed": report.changed,
        "problems": report.problems.count,
    }
    return _reply(report.encoding, counts, told, report.problems)


def _read(encoding: str, rows: int) -> str:
    return sentence(
        "{rows} rows, read as {encoding}.", rows=rows, encoding=names.title_of(encoding)
    )


def _reply(
    encoding: str, counts: dict[str, int], told: list[str], problems: Problems
) -> TableReply:
    if problems.count:
        told.append(
            sentence("Rows that do not count: {count}. The first ones:", count=problems.count)
        )
    return TableReply(
        encoding=encoding,
        counts=counts,
        told=told,
        problems=[
            RowProblem(line=each.line, error=sentence(each.template, **each.values))
            for each in problems.first
        ],
    )
