"""How long a curator waits: from the key that accepts to the next specimen drawn in Chromium.

A server of its own over a temporary data folder with many specimens; decisions at a curator's pace,
and as fast as the page takes them.
"""

import argparse
import time
from functools import partial

import numpy as np

from app.blobs import Blobs
from app.db import Database
from benchmarks.report import Row, add_json_option, show
from benchmarks.reviewing.collection import fill
from benchmarks.reviewing.desk import Sitting, sit_down
from benchmarks.serving import serving

PACES = {"curator": 1.0, "fast": 0.0}
"""Seconds of looking before each decision."""


def main() -> None:
    options = _options()
    with serving(partial(_fill, specimens=options.specimens, width=options.width)) as address:
        sittings = {
            pace: sit_down(address, decisions=options.decisions, pause=pause)
            for pace, pause in PACES.items()
        }
    rows = [_row(pace, sitting) for pace, sitting in sittings.items()]
    title = f"Review: key press to next specimen drawn, {options.specimens} specimens"
    show(title, rows, _summary(rows), options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review", description=__doc__)
    parser.add_argument("--specimens", type=int, default=5000, help="in the database")
    parser.add_argument("--decisions", type=int, default=40, help="at each pace")
    parser.add_argument("--width", type=int, default=900, help="pixels of a photograph")
    add_json_option(parser)
    return parser.parse_args()


def _fill(database: Database, blobs: Blobs, *, specimens: int, width: int) -> None:
    started = time.perf_counter()
    fill(database, blobs, specimens=specimens, width=width)
    print(f"{specimens} specimens made in {time.perf_counter() - started:.0f} s")


def _row(pace: str, sitting: Sitting) -> Row:
    return {
        "pace": pace,
        "decisions": len(sitting.decisions),
        "median_ms": float(np.median(sitting.decisions)),
        "p95_ms": float(np.percentile(sitting.decisions, 95)),
        "max_ms": max(sitting.decisions),
        "queue_median_ms": float(np.median(sitting.queue)),
        "queue_p95_ms": float(np.percentile(sitting.queue, 95)),
    }


def _summary(rows: list[Row]) -> dict[str, object]:
    """The curator's pace is what counts."""
    curator, fast = rows
    return {
        "median_ms": curator["median_ms"],
        "p95_ms": curator["p95_ms"],
        "fast_p95_ms": fast["p95_ms"],
        "queue_ms": curator["queue_median_ms"],
    }


if __name__ == "__main__":
    main()
