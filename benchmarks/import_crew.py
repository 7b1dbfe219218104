"""Workers that only take files in, as a benchmark of importing needs them, and files for them."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import cv2
import numpy as np
from sqlalchemy import select

from app.db import Database
from app.domain.jobs import JobState, Part, PartKind
from app.queue import Queue
from app.services import jobs
from app.settings import Settings
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import encode_png
from ml.progress import silent
from worker.context import Context, make_context
from worker.jobs import take_in

MEGAPIXELS_8 = (3480, 2320)
PAUSE_SECONDS = 0.02
TAKE_IN = jobs.URGENCY.index(PartKind.TAKE_IN)
SPAWN = multiprocessing.get_context("spawn")


def photographs(folder: Path, count: int, first: int) -> list[Path]:
    """Make JPEG files of 8 megapixels: a few pictures, each file with another comment in it."""
    folder.mkdir(parents=True)
    pictures = [_jpeg(seed) for seed in range(4)]
    paths = []
    for number in range(first, first + count):
        comment = b"\xff\xfe\0\x0a%08d" % number
        path = folder / f"moth-{number:06}.jpg"
        data = pictures[number % len(pictures)]
        path.write_bytes(data[:2] + comment + data[2:])
        paths.append(path)
    return paths


def _jpeg(seed: int) -> bytes:
    drawn = cv2.resize(draw_specimen(seed, width=870, height=580).pixels, MEGAPIXELS_8)
    noise = np.random.default_rng(seed).normal(0, 12, drawn.shape)
    noisy = np.clip(drawn + noise, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", noisy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 93])
    return data.tobytes()


def small(folder: Path, count: int) -> None:
    """Make tiny PNG files."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(count)
    for number in range(count):
        pixels = random.integers(0, 256, (24, 32, 3), np.uint8)
        (folder / f"moth-{number:06}.png").write_bytes(encode_png(pixels))


@contextmanager
def crew_of(settings: Settings, count: int) -> Iterator[list[Connection]]:
    crew, processes = [], []
    for _number in range(count):
        mine, theirs = SPAWN.Pipe()
        process = SPAWN.Process(target=_work, args=(settings, theirs), daemon=True)
        process.start()
        crew.append(mine)
        processes.append(process)
    for each in crew:
        each.recv()  # it is ready
    try:
        yield crew
    finally:
        for process in processes:
            process.kill()
            process.join()


def _work(settings: Settings, pipe: Connection) -> None:
    cv2.setNumThreads(1)
    context = make_context(settings)
    pipe.send(0.0)
    while True:
        if pipe.poll():
            pipe.recv()
            pipe.send(time.process_time())
        if not work_once(context):
            time.sleep(PAUSE_SECONDS)


def cpu_of(crew: Sequence[Connection]) -> float:
    for each in crew:
        each.send("cpu")
    return float(sum(each.recv() for each in crew))


def work_once(context: Context) -> bool:
    """Take in one group of files as a worker does; crops stay for later."""
    with context.db.reading() as session:
        queued = select(Part.id).where(
            Part.state == JobState.QUEUED, Part.queue == Queue.CPU, Part.urgency == TAKE_IN
        )
        waiting = session.scalars(queued.order_by(Part.id).limit(4)).all()
    for part_id in waiting:
        with context.db.transaction() as session:
            part = jobs.claim(session, part_id)
        if part is not None:
            take_in.run(context, part, silent)
            with context.db.transaction() as session:
                jobs.finish(session, part)
            return True
    return bool(waiting)


def is_waiting(database: Database) -> bool:
    open_ones = select(Part.id).where(
        Part.kind == PartKind.TAKE_IN, Part.state.in_((JobState.QUEUED, JobState.RUNNING))
    )
    with database.reading() as session:
        return session.scalar(open_ones.limit(1)) is not None


def peak_mb() -> float:
    """The most memory that this process has had; rusage would count its parent's as well."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
