"""Tables from outside, opened in a decoder: their rows come over a few hundred at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, BinaryIO, Protocol

from pydantic import TypeAdapter, ValidationError

from app.decoding.pool import OpenFile, decoders
from app.services.csv_tables import ROWS_AT_ONCE, CsvTable, Row

CHARACTERS_AT_ONCE = 1_000_000
"""After which a chunk ends early: a single row may be long."""


class Table(Protocol):
    """What can be asked of a table, wherever it is read."""

    @property
    def name(self) -> str: ...

    @property
    def encoding(self) -> str: ...

    @property
    def header(self) -> Sequence[str]: ...

    def chunks(self, skip: int = 0) -> Iterator[list[Row]]: ...

    def sample(self, skip: int = 0, most: int = 200) -> list[Row]: ...


@dataclass(frozen=True)
class About:
    name: str
    encoding: str
    header: list[str]


_ABOUT = TypeAdapter(About)
_ROWS = TypeAdapter(list[tuple[int, list[str], str]])


class InDecoder:
    """What a decoder does with one table."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._table = CsvTable(file, name)
        self._rows: Iterator[Row] = iter(())
        self._next = -1
        about = About(self._table.name, self._table.encoding, list(self._table.header))
        self.about = _ABOUT.dump_python(about)

    def chunk(self, first: int) -> list[tuple[int, Sequence[str], str]]:
        """The rows from this one on; going on where the last chunk ended costs nothing."""
        if first != self._next:
            self._rows, self._next = self._table.rows(first), first
        rows, characters = [], 0
        for row in islice(self._rows, ROWS_AT_ONCE):
            rows.append((row.line, row.cells, row.problem))
            characters += sum(map(len, row.cells))
            if characters > CHARACTERS_AT_ONCE:
                break
        self._next += len(rows)
        return rows


class OpenTable:
    """As `CsvTable`, of which it asks the decoder."""

    def __init__(self, about: About, opened: OpenFile) -> None:
        self.name, self.encoding, self.header = about.name, about.encoding, about.header
        self._opened = opened

    def chunks(self, skip: int = 0) -> Iterator[list[Row]]:
        while rows := self._chunk(skip):
            yield rows
            skip += len(rows)

    def sample(self, skip: int = 0, most: int = 200) -> list[Row]:
        return list(islice(chain.from_iterable(self.chunks(skip)), most))

    def _chunk(self, first: int) -> list[Row]:
        try:
            return [
                Row(*row) for row in _ROWS.validate_python(self._opened.ask("chunk", first=first))
            ]
        except ValidationError:
            raise self._opened.nonsense() from None


@contextmanager
def open_table(file: IO[bytes], name: str) -> Iterator[OpenTable]:
    """Open a table in a decoder.

    Raises:
        Refused: as `CsvTable`, or it takes too long or too much memory.
    """
    with decoders.opened(InDecoder, file, name=name) as opened:
        try:
            about = _ABOUT.validate_python(opened.about)
        except ValidationError:
            raise opened.nonsense() from None
        yield OpenTable(about, opened)
