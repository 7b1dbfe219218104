"""Two workers against one, on one thread each: how much sooner everything is predicted.

Each turn has a model of its own, which predicts every specimen. Time counts from the first mask
that is stored to the last, so that loading torch does not; the whole time is told as well.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from app.blobs import Blobs, open_blobs
from app.cli.workspace import make_database
from app.db import Database
from app.domain.jobs import Job, JobState
from app.domain.labelling import Candidate
from app.queue import CeleryPublisher, make_celery
from app.settings import Settings
from benchmarks.loading import collection
from benchmarks.loading.processes import working
from benchmarks.report import Row, add_json_option, show
from benchmarks.reviewing import collection as drawn
from tests.servers import running_postgres, running_redis


def main() -> None:
    options = _options()
    with ExitStack() as open_:
        folder = open_.enter_context(tempfile.TemporaryDirectory(prefix="mothmask-benchmark-"))
        settings = Settings(
            data=Path(folder),
            database_url=open_.enter_context(running_postgres(durable=True)),
            broker_url=open_.enter_context(running_redis()),
        )
        make_database(settings).close()
        database = Database(settings.database, CeleryPublisher(make_celery(settings)))
        open_.callback(database.close)
        blobs = open_blobs(settings)
        drawn.fill(database, blobs, specimens=options.specimens, width=options.width)
        rows = [
            _turn(settings, database, blobs, turn, workers)
            for turn, workers in enumerate(options.workers, 1)
        ]
    speeds = {int(row["workers"] or 0): float(row["masks per s"] or 0) for row in rows}
    alone = speeds.get(1)
    summary: dict[str, object] = {
        "specimens": options.specimens,
        "width": options.width,
        "speed-up": {str(count): speed / alone for count, speed in speeds.items() if alone},
    }
    show("Workers side by side", rows, summary, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specimens", type=int, default=2000)
    parser.add_argument("--width", type=int, default=800, help="pixels of a drawn photograph")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="of each turn")
    add_json_option(parser)
    return parser.parse_args()


def _turn(settings: Settings, database: Database, blobs: Blobs, turn: int, workers: int) -> Row:
    model_id = collection.add_model(database, blobs, turn)
    with ExitStack() as open_:
        for number in range(workers):
            open_.enter_context(working(settings, f"turn{turn}-{number}"))
        began = time.monotonic()
        job_id = collection.start_predictions(database, model_id)
        while (state := _state(database, job_id)) in (JobState.QUEUED, JobState.RUNNING):
            time.sleep(0.2)
        whole = time.monotonic() - began
    stored, first, last, of_first = _stored(database, model_id)
    row: Row = {
        "workers": workers,
        "state": state.value,
        "masks": stored,
        "masks per s": (stored - of_first) / (last - first).total_seconds(),
        "s from first to last": (last - first).total_seconds(),
        "whole s": whole,
    }
    print(row, flush=True)
    return row


def _state(database: Database, job_id: int) -> JobState:
    with database.reading() as session:
        return session.get_one(Job, job_id).state


def _stored(database: Database, model_id: int) -> tuple[int, datetime, datetime, int]:
    """How many masks, when the first and the last were stored, and how many with the first."""
    mine = Candidate.model_id == model_id
    with database.reading() as session:
        count, first, last = session.execute(
            select(
                func.count(), func.min(Candidate.created_at), func.max(Candidate.created_at)
            ).where(mine)
        ).one()
        with_it = select(func.count()).where(mine, Candidate.created_at == first)
        return count, first, last, session.scalars(with_it).one()


if __name__ == "__main__":
    main()
