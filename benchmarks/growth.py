"""What lists, searches and filters cost in a collection ten times as large.

The small collection is filled as `searching` does, in PostgreSQL; the large one is the same with
copies of every specimen. Each page is fetched from a real server, first once to warm it; of the
times after that the median counts. A page that costs the same whatever the size of the collection
has a ratio of about 1.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from app.cli.workspace import make_database
from app.db import Database
from app.domain.base import Base
from app.domain.labelling import Candidate, LabelVersion
from app.domain.photographs import MetadataField, Photograph
from app.domain.specimens import Crop, Specimen
from app.settings import Settings
from benchmarks import searching
from benchmarks.report import Row, add_json_option, show
from benchmarks.serving import running
from tests.servers import running_postgres

COPIED: tuple[type[Base], ...] = (
    Photograph,
    Specimen,
    Crop,
    LabelVersion,
    Candidate,
    MetadataField,
)
NUMBERS = {"photograph_id", "specimen_id", "crop_id", "version_id"}
"""Columns that name rows which are copied too; all of a specimen have its number."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specimens", type=int, default=100_000, help="of the small collection")
    parser.add_argument("--times", type=int, default=10, help="as many in the large one")
    parser.add_argument("--database-url", help="empty PostgreSQL; by default one is started")
    add_json_option(parser)
    options = parser.parse_args()
    with ExitStack() as open_:
        url = options.database_url or open_.enter_context(running_postgres())
        folder = open_.enter_context(tempfile.TemporaryDirectory(prefix="mothmask-benchmark-"))
        settings = Settings(data=Path(folder), database_url=url)
        database = make_database(settings)
        open_.callback(database.close)
        searching.fill(database, options.specimens)
        small = _measured(settings, options.specimens)
        copy(database, options.specimens, options.times)
        large = _measured(settings, options.specimens * options.times)
    rows: list[Row] = [
        {"page": page, "ms, small": ms, "ms, large": large[page], "ratio": large[page] / max(1, ms)}
        for page, ms in small.items()
    ]
    ratios = {str(row["page"]): float(row["ratio"] or 0) for row in rows}
    summary: dict[str, object] = {
        "specimens": [options.specimens, options.specimens * options.times],
        "slowest of the large, ms": max(large.values()),
        "ratio above 2": sorted(page for page, ratio in ratios.items() if ratio > 2),
    }
    show("Pages of a collection that grows", rows, summary, options.json)


def copy(database: Database, count: int, times: int) -> None:
    """Add copies of every specimen, with all that belongs to it, under further numbers."""
    began = time.monotonic()
    with database.transaction() as session:
        connection = session.connection()
        # References are right by construction; looking at each would take most of the time.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        for table in COPIED:
            connection.execute(text(_copying(table, count, times)))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    print(f"{count * times} specimens after {time.monotonic() - began:.0f} s", flush=True)


def _copying(table: type[Base], count: int, times: int) -> str:
    name = table.__table__.name  # type: ignore[attr-defined]
    columns = [each.name for each in table.__table__.columns]
    if table is Candidate:
        columns.remove("id")
    values = [_value(table, column, count) for column in columns]
    quoted = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {name} ({quoted}) SELECT {', '.join(values)} "
        f"FROM {name}, generate_series(1, {times - 1}) AS turn"
    )


def _value(table: type[Base], column: str, count: int) -> str:
    if column == "id" or column in NUMBERS:
        return f'"{column}" + turn * {count}'
    if column == "key":
        return "key || '-' || turn"
    if table is Photograph and column == "digest":
        return f"lpad(to_hex(id + turn * {count}), 64, '0')"
    return f'"{column}"'


def _measured(settings: Settings, count: int) -> dict[str, float]:
    """Milliseconds by page."""
    with running(settings.data, settings.database_url) as address:
        rows = list(searching.measured(address, count))
    return {str(row["page"]): float(row["ms"] or 0) for row in rows}


if __name__ == "__main__":
    main()
