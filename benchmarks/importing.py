"""How fast photographs come in, beside a bare loop over the same files; memory; and a kill.

The bare loop reads, hashes, decodes and writes each file, in as many processes as there are workers
here; it keeps no record and waits for no disk. Rounds of both follow each other, in changing order.
Cropping comes later and is not measured. Memory is the peak of the process that hands files in and
of a worker (after 250 parts at most), at two numbers of small files. For the last row everything is
killed (SIGKILL) in the middle and started again.

    python -m benchmarks.importing --files 48 --rounds 3 --small 10000
"""

import argparse
import hashlib
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import func, select

from app.cli.workspace import make_database, open_blobs
from app.db import Database
from app.domain.photographs import ImportedFile, Photograph
from app.services import photograph_imports, sweeping
from app.settings import Settings
from benchmarks.import_crew import (
    PAUSE_SECONDS,
    SPAWN,
    cpu_of,
    crew_of,
    is_waiting,
    peak_mb,
    photographs,
    small,
    work_once,
)
from benchmarks.report import Row, add_json_option, show
from ml.imaging.read import read_photograph
from worker.context import make_context

SOURCE = "BENCH"
PARTS_OF_WORKER = 250
"""After which its memory is looked at."""


def main() -> None:
    options = _options()
    workers = options.workers or len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="mothmask-importing-", dir=options.folder) as made:
        folder = Path(made)
        rounds = _speed(folder, options.files, options.rounds, workers)
        sizes = (max(1, options.small // 10), options.small)
        peaks = [_memory(folder / f"memory{count}", count) for count in sizes]
        kill = _kill(folder / "kill", options.killed, workers)
    speed, rows = _told_of_speed(rounds)
    for peak in peaks:
        rows.append(_row("memory", **asdict(peak)))
    rows.append(_row("killed, then again", files=options.killed, **kill))
    summary = {
        **speed,
        "workers": workers,
        "memory_grows_mb": round(peaks[1].handing_in_mb - peaks[0].handing_in_mb, 1),
        "worker_memory_grows_mb": round(peaks[1].worker_mb - peaks[0].worker_mb, 1),
        "missing_after_kill": kill["missing"],
        "twice_after_kill": kill["twice"],
    }
    show("Importing", rows, summary, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.importing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--files", type=int, default=48, help="8-megapixel photographs a round")
    parser.add_argument("--rounds", type=int, default=3, help="of the bare loop and of the import")
    parser.add_argument("--workers", type=int, help="processes; by default: the cores")
    parser.add_argument("--small", type=int, default=10_000, help="files whose memory is measured")
    parser.add_argument(
        "--killed", type=int, default=400, help="files of the import that is killed"
    )
    parser.add_argument("--folder", type=Path, help="where files are made; by default: /tmp")
    add_json_option(parser)
    return parser.parse_args()


def _row(what: str, **found: int | float) -> Row:
    """One line of the table; each has figures of its own."""
    columns = (
        *("files", "photographs_per_second", "cpu_ms_each", "handing_in_mb", "worker_mb"),
        *("before_kill", "missing", "twice"),
    )
    return {"what": what, **{column: found.get(column) for column in columns}}


# Speed


@dataclass(frozen=True)
class Round:
    bare: bool
    files: int
    seconds: float
    cpu: float


def _speed(folder: Path, count: int, rounds: int, workers: int) -> list[Round]:
    settings = Settings(data=folder / "data")
    database, found = make_database(settings), []
    with (
        ProcessPoolExecutor(workers, SPAWN) as pool,
        crew_of(settings, workers) as crew,
    ):
        list(pool.map(time.sleep, [1.0] * workers))  # all have started
        for number in range(rounds + 1):
            paths = photographs(folder / f"round{number}", count, number * count)
            sides = [
                partial(_bare, pool, paths, folder / f"bare{number}"),
                partial(_imported, settings, database, crew, paths),
            ]
            both = [side() for side in (sides if number % 2 else sides[::-1])]
            found += both if number else []  # the first round warms everything
    database.close()
    return found


def _bare(pool: ProcessPoolExecutor, paths: Sequence[Path], target: Path) -> Round:
    target.mkdir()
    began = time.perf_counter()
    cpu = sum(pool.map(partial(_bare_one, target), paths, chunksize=1))
    return Round(True, len(paths), time.perf_counter() - began, cpu)


def _bare_one(target: Path, path: Path) -> float:
    began = time.process_time()
    data = path.read_bytes()
    read_photograph(data)
    (target / hashlib.sha256(data).hexdigest()).write_bytes(data)
    return time.process_time() - began


def _imported(
    settings: Settings, database: Database, crew: list[Connection], paths: Sequence[Path]
) -> Round:
    before = time.process_time() + cpu_of(crew)
    began = time.perf_counter()
    photograph_imports.start_paths(database, open_blobs(settings), [paths[0].parent], SOURCE)
    while is_waiting(database):
        time.sleep(PAUSE_SECONDS)
    seconds = time.perf_counter() - began
    return Round(False, len(paths), seconds, time.process_time() + cpu_of(crew) - before)


def _told_of_speed(rounds: Sequence[Round]) -> tuple[dict[str, float], list[Row]]:
    rates = {
        bare: [each.files / each.seconds for each in rounds if each.bare is bare]
        for bare in (True, False)
    }
    shares = [mine / bare for mine, bare in zip(rates[False], rates[True], strict=True)]
    rows = [
        _row(
            f"{'bare loop' if each.bare else 'import'}, round {number // 2 + 1}",
            files=each.files,
            photographs_per_second=each.files / each.seconds,
            cpu_ms_each=1000 * each.cpu / each.files,
        )
        for number, each in enumerate(rounds)
    ]
    speed = {
        "bare_per_second": statistics.median(rates[True]),
        "import_per_second": statistics.median(rates[False]),
        "import_share_of_bare": statistics.median(shares),
    }
    return speed, rows


# Memory


@dataclass(frozen=True)
class Peak:
    files: int
    handing_in_mb: float
    worker_mb: float


def _memory(folder: Path, count: int) -> Peak:
    small(folder / "files", count)
    settings = Settings(data=folder / "data")
    make_database(settings).close()
    handing_in = _in_process(_peak_of_handing_in, settings, folder / "files")
    worker = _in_process(_peak_of_worker, settings, PARTS_OF_WORKER)
    return Peak(count, handing_in, worker)


def _in_process(work: object, *arguments: object) -> float:
    """What the function says, run in a fresh process."""
    mine, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_answer, args=(theirs, work, *arguments))
    process.start()
    answer = float(mine.recv())
    process.join()
    return answer


def _answer(pipe: Connection, work: object, *arguments: object) -> None:
    assert callable(work)
    pipe.send(work(*arguments))


def _peak_of_handing_in(settings: Settings, folder: Path) -> float:
    database = make_database(settings)
    photograph_imports.start_paths(database, open_blobs(settings), [folder], SOURCE)
    return peak_mb()


def _peak_of_worker(settings: Settings, most: int | None = None) -> float:
    context, parts = make_context(settings), 0
    while parts != most and work_once(context):
        parts += 1
    return peak_mb()


# A kill


def _kill(folder: Path, count: int, workers: int) -> dict[str, int]:
    small(folder / "files", count)
    settings = Settings(data=folder / "data", heartbeat_seconds=1.0)
    database = make_database(settings)
    with crew_of(settings, workers):
        process = SPAWN.Process(target=_peak_of_handing_in, args=(settings, folder / "files"))
        process.start()
        while process.is_alive() and _count(database, Photograph) < count // 4:
            time.sleep(PAUSE_SECONDS)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    # The workers have been killed as well. What they had begun counts as lost after a while.
    before = _count(database, Photograph)
    time.sleep(2.0)
    with database.transaction() as session:
        sweeping.sweep(session, timedelta(seconds=1))
    photograph_imports.start_paths(database, open_blobs(settings), [folder / "files"], SOURCE)
    _peak_of_worker(settings)
    with database.reading() as session:
        digests = set(session.scalars(select(Photograph.digest)))
        files = session.scalar(select(func.count(ImportedFile.name.distinct()))) or 0
        rows = session.scalar(select(func.count(ImportedFile.id))) or 0
    there = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "files").iterdir()}
    photographs = _count(database, Photograph)
    database.close()
    return {
        "before_kill": before,
        "missing": len(there - digests) + count - files,
        "twice": photographs - len(digests) + rows - files,
    }


def _count(database: Database, mapped: type[Photograph]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(mapped)) or 0


if __name__ == "__main__":
    main()
