"""What looking after a collection costs: verify, backup, move, of rows and of files.

Rows are those of a filled database (`filling`), whose files are not there; files are random bytes
beside it. Everything happens on one disk, so files are read and written there at once.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from app.blobs import Blobs, FolderBlobs
from app.cli.workspace import make_database
from app.db import Database
from app.migrating import migrate
from app.services import verifying_rows
from app.services.blob_copying import copy_blobs
from app.services.row_copying import copy_rows, snapshot, sums_of
from app.services.verifying import verify
from app.settings import Settings
from benchmarks import filling
from benchmarks.report import Row, add_json_option, show

MODELS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specimens", type=int, default=100_000)
    parser.add_argument("--versions", type=int, default=300_000)
    parser.add_argument("--candidates", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--kilobytes", type=int, default=500, help="of each file")
    parser.add_argument("--to", default="", help="an empty PostgreSQL database to move rows to")
    add_json_option(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mothmask-benchmark-") as name:
        folder = Path(name)
        rows = [*of_files(folder, options.files, options.kilobytes)]
        database = make_database(Settings(data=folder / "data"))
        filling.fill(
            database,
            options.specimens,
            versions=options.versions,
            candidates=options.candidates,
            models=MODELS,
        )
        rows += of_rows(database, folder, options.to)
        database.close()
    show("Looking after a collection", rows, {}, options.json)


def of_files(folder: Path, count: int, kilobytes: int) -> list[Row]:
    source, target = FolderBlobs(folder / "source"), FolderBlobs(folder / "target")
    digests = []

    def put() -> None:
        digests.extend(sorted(source.put(os.urandom(1000 * kilobytes)) for _ in range(count)))

    def copy() -> None:
        assert copy_blobs(source, target, digests).lost == []

    megabytes = count * kilobytes / 1000
    return [
        _timed("files stored", put, count, megabytes),
        _timed("files verified", lambda: _verify(folder, source), count, megabytes),
        _timed("files backed up", copy, count, megabytes),
        _timed("files backed up again", copy, count, megabytes),
    ]


def of_rows(database: Database, folder: Path, url: str) -> list[Row]:
    total = _count(database)
    backup = f"sqlite:///{folder / 'copy.sqlite'}"
    migrate(backup)

    def look() -> None:
        for rule in verifying_rows.rules():
            with database.reading() as session:
                session.scalar(select(func.count()).select_from(rule.broken.subquery()))

    found = [
        _timed("rows verified", look, total),
        _timed("rows to SQLite", lambda: copy_rows(database.engine, backup), total),
    ]
    if url:
        migrate(url)
        found.append(_timed("rows to PostgreSQL", lambda: copy_rows(database.engine, url), total))
    return found


def _verify(folder: Path, blobs: Blobs) -> None:
    empty = make_database(Settings(data=folder / "empty"))
    assert verify(empty, blobs).is_well
    empty.close()


def _count(database: Database) -> int:
    with snapshot(database.engine) as connection:
        return sum(each.rows for each in sums_of(connection).values())


def _timed(what: str, work: Callable[[], object], count: int, megabytes: float = 0) -> Row:
    begin = time.perf_counter()
    work()
    seconds = time.perf_counter() - begin
    return {
        "what": what,
        "count": count,
        "seconds": round(seconds, 1),
        "per second": round(count / seconds),
        "MB/s": round(megabytes / seconds) if megabytes else None,
    }


if __name__ == "__main__":
    main()
