"""Many curators at once: how soon decisions are answered, and whether each of them is there.

Curators decide at human speed while a worker predicts at low priority on one thread. What their
browsers would ask is asked: the queue, the pictures of the specimens ahead, decisions, and
heart-beats. PostgreSQL and Redis are started for it, unless they are named; PostgreSQL writes to
the disk as a real one does. More curators come, step by step, until 95 of 100 decisions no longer
fit into the limit.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import func, select

from app.blobs import open_blobs
from app.cli.workspace import make_database
from app.db import Database
from app.domain.labelling import Candidate, Review
from app.settings import Settings
from benchmarks.loading import collection
from benchmarks.loading.curators import Curator, Seen
from benchmarks.loading.processes import working
from benchmarks.report import Row, add_json_option, show
from benchmarks.serving import TOKEN, running
from tests.servers import running_postgres, running_redis

NICE = 19
AT_ONCE = 5000


def main() -> None:
    options = _options()
    with ExitStack() as open_:
        settings = _settings(options, open_)
        database = make_database(settings)
        open_.callback(database.close)
        model_id = _filled(database, settings, options)
        addresses = [open_.enter_context(_web(settings)) for _ in range(options.web)]
        if options.predict:
            collection.start_predictions(database, model_id)
            open_.enter_context(working(settings, "predicting", NICE))
        rows = list(_levels(options, database, addresses, model_id))
    held = [int(row["curators"] or 0) for row in rows if _fits(row, options)]
    summary: dict[str, object] = {
        "specimens": options.specimens,
        "web servers": options.web,
        "decision every, s": options.every,
        "prediction beside it": options.predict,
        "limit, ms": options.limit,
        "curators held": max(held, default=0),
        "errors": sum(int(row["errors"] or 0) for row in rows),
        "lost": sum(int(row["lost"] or 0) for row in rows),
    }
    show("Many curators at once", rows, summary, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specimens", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=800, help="pixels of a drawn photograph")
    parser.add_argument(
        "--curators", type=int, nargs="+", default=[50, 75, 100, 150, 200, 300, 400]
    )
    parser.add_argument("--every", type=float, default=2.0, help="seconds between decisions")
    parser.add_argument("--warm", type=float, default=20.0, help="seconds before it counts")
    parser.add_argument("--seconds", type=float, default=120.0, help="that count, at each step")
    parser.add_argument("--limit", type=float, default=500.0, help="milliseconds")
    parser.add_argument("--web", type=int, default=2, help="web servers, one per processor")
    parser.add_argument("--no-predictions", dest="predict", action="store_false")
    parser.add_argument("--data", type=Path, help="keep blobs here, or take them from here")
    parser.add_argument("--database-url", help="PostgreSQL; by default one is started")
    parser.add_argument("--broker-url", help="Redis; by default one is started")
    add_json_option(parser)
    options = parser.parse_args()
    if bool(options.data) != bool(options.database_url):
        parser.error("--data and --database-url belong together")
    return options


def _settings(options: argparse.Namespace, open_: ExitStack) -> Settings:
    folder = tempfile.TemporaryDirectory(prefix="mothmask-benchmark-")
    return Settings(
        data=options.data or Path(open_.enter_context(folder)),
        database_url=options.database_url or open_.enter_context(running_postgres(durable=True)),
        broker_url=options.broker_url or open_.enter_context(running_redis()),
        detector="fallback",
    )


def _filled(database: Database, settings: Settings, options: argparse.Namespace) -> int:
    if collection.is_there(database):
        return collection.newest_model(database)
    began = time.monotonic()
    model_id = collection.fill(database, open_blobs(settings), options.specimens, options.width)
    print(f"{options.specimens} specimens after {time.monotonic() - began:.0f} s", flush=True)
    return model_id


@contextmanager
def _web(settings: Settings) -> Iterator[str]:
    more = {"MOTHMASK_BROKER_URL": settings.broker_url}
    with running(settings.data, settings.database_url, more) as address:
        yield address


def _levels(
    options: argparse.Namespace, database: Database, addresses: Sequence[str], model_id: int
) -> Iterator[Row]:
    for count in options.curators:
        row = _level(options, database, addresses, count, model_id)
        print(row, flush=True)
        yield row
        if not _fits(row, options):
            return


def _fits(row: Row, options: argparse.Namespace) -> bool:
    return bool(float(row["p95 ms"] or 0) <= options.limit)


def _level(
    options: argparse.Namespace,
    database: Database,
    addresses: Sequence[str],
    count: int,
    model_id: int,
) -> Row:
    stop = threading.Event()
    curators = [
        Curator(addresses[number % len(addresses)], TOKEN, number, options.every, stop)
        for number in range(count)
    ]
    for curator in curators:
        curator.sign_in()
        curator.start()
    time.sleep(options.warm)
    for curator in curators:
        curator.seen.seconds = {}
    predicted = _predicted(database, model_id)
    time.sleep(options.seconds)
    done = _predicted(database, model_id) - predicted
    stop.set()
    for curator in curators:
        curator.join()
    seen = [curator.seen for curator in curators]
    return {
        "curators": count,
        **_times(seen),
        "predictions per s": round(done / options.seconds, 1),
        "errors": sum(len(each.errors) for each in seen),
        "lost": _lost(database, [one for each in seen for one in each.acknowledged]),
        "first error": next((each.errors[0] for each in seen if each.errors), ""),
    }


def _times(seen: Sequence[Seen]) -> Row:
    def of(kind: str) -> list[float]:
        return [1000 * each for one in seen for each in one.seconds.get(kind, ())] or [0.0, 0.0]

    decisions = of("decision")
    return {
        "decisions": len(decisions),
        "p95 ms": round(quantiles(decisions, n=20)[-1], 1),
        "median ms": round(median(decisions), 1),
        "longest ms": round(max(decisions), 1),
        "queue p95 ms": round(quantiles(of("queue"), n=20)[-1], 1),
        "picture p95 ms": round(quantiles(of("picture"), n=20)[-1], 1),
        "pictures": len(of("picture")),
    }


def _predicted(database: Database, model_id: int) -> int:
    query = select(func.count(Candidate.id)).where(Candidate.model_id == model_id)
    with database.reading() as session:
        return session.scalars(query).one()


def _lost(database: Database, acknowledged: Sequence[str]) -> int:
    """Decisions that were acknowledged and are not there exactly once."""
    found: list[str] = []
    with database.reading() as session:
        for first in range(0, len(acknowledged), AT_ONCE):
            chunk = acknowledged[first : first + AT_ONCE]
            query = select(Review.decision_id).where(Review.decision_id.in_(chunk))
            found.extend(session.scalars(query))
    return len(set(acknowledged)) - len(set(found)) + len(found) - len(set(found))


if __name__ == "__main__":
    main()
