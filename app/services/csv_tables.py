"""Tables that people bring as CSV files: whatever wrote them, read row by row.

The encoding and the delimiter are guessed. A row that makes no sense is named with its line; the
others count.
"""

import codecs
import csv
import io
import unicodedata
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from app.errors import Refused
from app.services import names

LARGEST = 200_000_000
"""Bytes; what is larger is no table of specimens."""
ROWS_AT_ONCE = 500
MOST_COLUMNS = 200
_SAMPLE_LINES = 500
_DELIMITERS = ",;\t|"
_LONGEST_LINE = 1 << 17
_MOST_LINES = 50
"""Of one row, which a quoted cell may stretch over."""
_UNCLOSED = "A quotation mark is missing or stands in a wrong place."
_TOO_LONG = "The line is far too long for a table."
_BROKEN = "\N{REPLACEMENT CHARACTER}"
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_WIDER = {"gbk": "gb18030"}
"""Holds all of the other, and what spreadsheets write beyond."""


@dataclass(frozen=True)
class Row:
    line: int
    """Where it begins, as an editor counts."""
    cells: Sequence[str]
    problem: str = ""
    """Why nobody knows what its cells are."""

    def cell(self, column: int | None) -> str:
        return self.cells[column] if column is not None and column < len(self.cells) else ""


@dataclass(frozen=True)
class Problem:
    """Why one row does not count: a whole sentence with ``{name}`` places, and what goes in."""

    line: int
    template: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.values)


@dataclass
class Problems:
    """The first of them, and how many there are: a whole file can be wrong."""

    most: int = 50
    count: int = 0
    first: list[Problem] = field(default_factory=list)

    def add(self, line: int, template: str, **values: object) -> None:
        self.count += 1
        if len(self.first) < self.most:
            self.first.append(Problem(line, template, values))

    def without(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that can be read; the others are problems."""
        readable = []
        for row in rows:
            if row.problem:
                self.add(row.line, row.problem)
            elif any(_BROKEN in cell for cell in row.cells):
                self.add(row.line, "Some characters cannot be read; save the file as UTF-8.")
            else:
                readable.append(row)
        return readable


class CsvTable:
    """A file that can be read again and again from its beginning, in constant memory."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = names.file_name_of(names.tidy(name))
        self._file = file
        if file.seek(0, io.SEEK_END) > LARGEST:
            raise Refused("{name} is too large for a table.", name=self.name)
        self.encoding = _encoding(file)
        self.delimiter = ","
        first = next(self._lines(), "")
        if isinstance(first, _LongLine) or "\0" in first:
            raise Refused("{name} is no CSV file.", name=self.name)
        self.delimiter = max(_DELIMITERS, key=lambda sign: _columns(first, sign))
        head = next(self.rows(), None)
        if head is None:
            raise Refused("{name} is empty.", name=self.name)
        self.header: Sequence[str] = head.cells
        if len(self.header) > MOST_COLUMNS:
            raise Refused(
                "{name} has {count} columns; at most {limit} are read. Is it a CSV file?",
                name=self.name,
                count=len(self.header),
                limit=MOST_COLUMNS,
            )

    def rows(self, skip: int = 0) -> Iterator[Row]:
        """Every row that is not blank, without the first `skip`."""
        return islice((row for row in self._records() if any(row.cells)), skip, None)

    def chunks(self, skip: int = 0) -> Iterator[list[Row]]:
        rows = self.rows(skip)
        while chunk := list(islice(rows, ROWS_AT_ONCE)):
            yield chunk

    def sample(self, skip: int = 0, most: int = 200) -> list[Row]:
        return list(islice(self.rows(skip), most))

    def _records(self) -> Iterator[Row]:
        lines = _Lines(self._lines())
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        while True:
            number = lines.begin()
            try:
                yield Row(number, [_tidy(cell) for cell in next(reader)])
            except StopIteration:
                return
            except csv.Error:
                yield Row(number, [_tidy(lines.back_to_second())], _UNCLOSED)
            except _TooLong as line:
                yield Row(number, [_tidy(str(line)[:100])], _TOO_LONG)

    def _lines(self) -> Iterator[str]:
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, self.encoding, "replace")
        try:
            while line := text.readline(_LONGEST_LINE):
                yield line if len(line) < _LONGEST_LINE else _begin_of(line, text)
        finally:
            text.detach()  # or the file would be closed with it


class _LongLine(str):
    """The beginning of a line of which the rest was passed over."""

    __slots__ = ()


class _TooLong(Exception):
    pass


def _begin_of(line: str, text: io.TextIOWrapper) -> _LongLine:
    begin = line
    while line and not line.endswith("\n"):
        line = text.readline(_LONGEST_LINE)
    return _LongLine(begin)


class _Lines:
    """Lines for a reader of rows, not more than a row may have: one forgotten quotation mark would
    make everything behind it one cell."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._row: list[str] = []
        self._read = 0

    def begin(self) -> int:
        """The next row begins; returns the number of its first line."""
        self._row = []
        return self._read - len(self._again) + 1

    def back_to_second(self) -> str:
        """Read on behind the first line of the row, which is returned."""
        self._again.extendleft(reversed(self._row[1:]))
        return self._row[0]

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self._row) == _MOST_LINES:
            raise StopIteration
        line = self._again.popleft() if self._again else self._fresh()
        if isinstance(line, _LongLine):
            if not self._row:
                raise _TooLong(line)
            self._again.appendleft(line)
            raise StopIteration
        self._row.append(line)
        return line

    def _fresh(self) -> str:
        line = next(self._lines)
        self._read += 1
        return line


def _columns(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def _tidy(cell: str) -> str:
    """One line of text, composed, without what no database takes."""
    plain = " ".join(unicodedata.normalize("NFC", cell).split())
    if plain.isprintable():
        return plain
    return "".join(_BROKEN if unicodedata.category(sign) == "Cc" else sign for sign in plain)


def _encoding(file: BinaryIO) -> str:
    file.seek(0)
    begin = file.read(4)
    for mark, encoding in _BOMS.items():
        if begin.startswith(mark):
            return encoding
    if _is_utf8(file):
        return "utf-8"
    file.seek(0)
    lines = iter(lambda: file.readline(_LONGEST_LINE), b"")
    telling = (line for line in lines if not line.isascii())
    best = names.encoding_of_text(list(islice(telling, _SAMPLE_LINES)))
    return _WIDER.get(best, best)


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(1 << 20):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
