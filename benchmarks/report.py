"""What every benchmark prints and writes: one table, and one JSON object with rows and summary."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

Cell = str | int | float | None
Row = Mapping[str, Cell]


def add_json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="write rows and summary here")


def show(
    title: str, rows: Sequence[Row], summary: Mapping[str, object], json_file: Path | None
) -> None:
    print(f"\n{title}")
    print(table(rows))
    print("\n".join(f"{key}: {_shown(value)}" for key, value in summary.items()))
    if json_file is not None:
        content = {"rows": [dict(row) for row in rows], "summary": dict(summary)}
        json_file.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")


def table(rows: Sequence[Row]) -> str:
    if not rows:
        return "(no rows)"
    heads = list(rows[0])
    cells = [heads, *([_shown(row.get(head)) for head in heads] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in cells
    )


def _shown(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
