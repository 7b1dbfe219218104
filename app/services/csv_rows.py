"""Rows as CSV that spreadsheet programs open as they are meant."""

import csv
import io
from collections.abc import Iterable, Sequence


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """With the mark of `utf-8-sig` before them, such programs read Chinese names as UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: object) -> object:
    """Keep a spreadsheet program from taking a name or a note for a formula."""
    starts_one = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    return f"'{cell}" if starts_one else cell
