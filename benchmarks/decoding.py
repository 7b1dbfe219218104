"""What it costs to have photographs read by a decoder, beside reading them in the process itself.

Both sides take turns on the same 8-megapixel JPEGs. Processor time is that of this process and of
the decoder; it tells less of what else the machine does than the clock.

    python -m benchmarks.decoding --files 24 --rounds 5
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import IO

from app.decoding.photographs import Photograph, open_photograph
from benchmarks.import_crew import photographs
from benchmarks.report import add_json_option, show
from ml.imaging.photograph import OpenPhotograph

MOST = 500_000_000
Open = Callable[[IO[bytes]], AbstractContextManager[Photograph | OpenPhotograph]]
Read = Callable[[Photograph | OpenPhotograph], object]

READS: dict[str, Read] = {
    "header": lambda photograph: photograph.shape,
    "check (taking in)": lambda photograph: photograph.check(),
    "all pixels (cropping)": lambda photograph: photograph.within(12_000).max(),
    "1,600 pixels (showing)": lambda photograph: photograph.within(1600).max(),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.decoding",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5)
    add_json_option(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mothmask-decoding-") as folder:
        paths = photographs(Path(folder) / "files", options.files, 0)
        began = time.perf_counter()
        _read_all(paths, _by_decoder, READS["header"])
        first = time.perf_counter() - began
        rows = [_row(what, read, paths, options.rounds) for what, read in READS.items()]
    show("Reading photographs", rows, {"first_file_seconds": first}, options.json)


def _row(what: str, read: Read, paths: Sequence[Path], rounds: int) -> dict[str, str | float]:
    here, there = [], []
    for _ in range(rounds):
        here.append(_read_all(paths, _here, read))
        there.append(_read_all(paths, _by_decoder, read))
    own, its = statistics.median(here), statistics.median(there)
    more = statistics.median(b / a - 1 for a, b in zip(here, there, strict=True))
    return {
        "what": what,
        "cpu_ms_here": 1000 * own,
        "cpu_ms_by_decoder": 1000 * its,
        "more_percent": 100 * more,
    }


def _read_all(paths: Sequence[Path], open_: Open, read: Read) -> float:
    """Seconds of processor time for each file."""
    before = _cpu()
    for path in paths:
        with path.open("rb") as file, open_(file) as photograph:
            read(photograph)
    return (_cpu() - before) / len(paths)


def _here(file: IO[bytes]) -> AbstractContextManager[OpenPhotograph]:
    return nullcontext(OpenPhotograph(file, MOST))


_by_decoder: Open = partial(open_photograph, max_pixels=MOST)


def _cpu() -> float:
    """Of this process and of the decoder, which is its only child."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return time.process_time() + sum(map(_cpu_of, children))


def _cpu_of(process: str) -> float:
    with open(f"/proc/{process}/schedstat") as file:
        return int(file.read().split()[0]) / 1e9


if __name__ == "__main__":
    main()
