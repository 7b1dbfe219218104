"""What every benchmark prints and writes: one table, and one JSON object with rows and summary."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
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
        save(rows, summary, json_file)


def save(rows: Sequence[Row], summary: Mapping[str, object], json_file: Path) -> None:
    """Write figures with what is needed to judge them on another day."""
    content = {
        "measured": _circumstances(),
        "rows": [dict(row) for row in rows],
        "summary": dict(summary),
    }
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


def _circumstances() -> dict[str, object]:
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "commit": _commit(),
        # Where folders lie is nobody's business; what they are called tells the data apart.
        "arguments": ["/".join(Path(word).parts[-2:]) for word in sys.argv[1:]],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _commit() -> str | None:
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):  # installed without its history
        return None
