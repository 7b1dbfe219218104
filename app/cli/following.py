"""Progress bars in the terminal, for work of this process and for jobs of the workers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from app.db import Database
from app.domain.jobs import JobState
from app.services import job_progress, jobs
from app.services.job_progress import JobProgress
from ml.progress import OnProgress, Progress

EVERY_SECONDS = 0.5
PATIENCE_SECONDS = 10.0


class PaceColumn(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        """Show nothing before there is a speed."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "")


@contextmanager
def bars(console: Console) -> Iterator[Bars]:
    note = TextColumn("{task.fields[note]}", markup=False)  # file names may hold brackets
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), PaceColumn())
    times = TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn()
    with Bars(*columns, *times, note, console=console) as drawn:
        yield drawn


@contextmanager
def bar_of_own_work(console: Console) -> Iterator[OnProgress]:
    """An `on_progress` that is drawn as one bar per stage."""
    known: dict[str, TaskID] = {}
    with bars(console) as drawn:

        def show(progress: Progress) -> None:
            if progress.stage not in known:
                known[progress.stage] = drawn.add_task(progress.stage, note="")
            task = known[progress.stage]
            drawn.update(task, completed=progress.done, total=progress.total, note=progress.note)

        yield show


def follow(console: Console, db: Database, job_id: int) -> bool:
    """Show the job until it ends, and say how; True if it did all it should."""
    started = time.monotonic()
    warned = False
    known: dict[str, TaskID] = {}
    with bars(console) as drawn:
        while (found := _look(db, job_id)).job.is_open:
            _draw(drawn, known, found)
            waited = time.monotonic() - started
            if not warned and found.job.state is JobState.QUEUED and waited > PATIENCE_SECONDS:
                warned = True
                drawn.console.print(
                    "No worker has begun with it yet. Is `mothmask up` or `mothmask worker` "
                    "running?"
                )
            time.sleep(EVERY_SECONDS)
        _draw(drawn, known, found)
    return _tell(console, found)


def _look(db: Database, job_id: int) -> JobProgress:
    with db.reading() as session:
        return job_progress.progress(session, jobs.get_job(session, job_id))


def _draw(drawn: Bars, known: dict[str, TaskID], found: JobProgress) -> None:
    for stage in found.stages:
        if stage.kind.value not in known:
            known[stage.kind.value] = drawn.add_task(stage.kind.value, note="")
        part = stage.running
        note = f"{part.stage} {part.done}/{part.total} {part.note}" if part and part.stage else ""
        drawn.update(
            known[stage.kind.value],
            completed=stage.done + stage.failed,
            total=stage.total,
            note=note.strip(),
        )


def _tell(console: Console, found: JobProgress) -> bool:
    job = found.job
    if job.state is JobState.DONE:
        console.print(f"Job {job.id} is done.")
        return True
    console.print(f"Job {job.id} is {job.state.value}. {job.message}")
    for sentence in found.failures:
        console.print(f"  {sentence}")
    return False
