"""How smoothly a mask is painted at full size, in Chromium: work per frame, memory, saving.

A server of its own over a temporary data folder with one large crop; strokes by real mouse events,
fitted and zoomed, some of them while a draft is being sent.
"""

import argparse
import asyncio
import os
from functools import partial

import numpy as np

from benchmarks.editing.collection import fill
from benchmarks.editing.desk import Sitting, Task, draw_all
from benchmarks.editing.trace import Frames, joined
from benchmarks.report import Row, add_json_option, show
from benchmarks.serving import serving

BROADER = "]" * 10
FINER = "[" * 10
TO_OUTLINE, TO_OVERLAY = "ooo", "o"
TASKS = [
    Task("fitted, fine brush", strokes=50),
    Task("fitted, broad brush", strokes=40, keys=BROADER),
    Task("fitted, outline", strokes=40, keys=FINER + TO_OUTLINE),
    Task("pixel for pixel", strokes=40, keys=TO_OVERLAY, wheel=450),
    Task("zoomed deep, outline", strokes=30, keys=FINER + TO_OUTLINE, wheel=4000),
    Task("moving the picture", strokes=10, keys=TO_OVERLAY, wheel=450, paints=False),
]
"""200 strokes that paint: the history is then as deep as it is promised to be."""


def main() -> None:
    options = _options()
    with serving(partial(fill, width=options.width, height=options.height)) as address:
        sitting = asyncio.run(draw_all(address, TASKS, saves=options.saves))
    rows = [_row(name, frames) for name, frames in sitting.frames.items()]
    title = f"Editor: {options.width} x {options.height} pixels, load {os.getloadavg()[0]:.1f}"
    show(title, rows, _summary(sitting), options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.editor", description=__doc__)
    parser.add_argument("--width", type=int, default=4000, help="pixels of the crop")
    parser.add_argument("--height", type=int, default=3000, help="pixels of the crop")
    parser.add_argument("--saves", type=int, default=5, help="how often a mask is saved")
    add_json_option(parser)
    return parser.parse_args()


def _row(name: str, frames: Frames) -> Row:
    return {
        "strokes": name,
        "frames": len(frames.apart),
        "work_ms_median": float(np.median(frames.work)),
        "work_ms_p95": float(np.percentile(frames.work, 95)),
        "processor_ms_median": float(np.median(frames.processor)),
        "slow_frames": frames.slow,
        "longest_ms": max(frames.apart),
    }


def _summary(sitting: Sitting) -> dict[str, object]:
    every = joined(sitting.frames[task.name] for task in TASKS if task.paints)
    start, painted, undone = sitting.memory
    return {
        "work_ms_median": float(np.median(every.work)),
        "slow_frames": every.slow,
        "memory_mb": (max(painted, undone) - start) / 1e6,
        "memory_start_mb": start / 1e6,
        "save_ms": float(np.median(sitting.saves)),
    }


if __name__ == "__main__":
    main()
