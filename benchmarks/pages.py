"""Server times of the pages in a large collection, in SQLite or in PostgreSQL.

Only the database is filled (`filling`); pictures are not asked for. Each page is fetched from a
real server, a few times to warm it, and then so often that the slowest of twenty is known.
"""

import argparse
import http.cookiejar
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import func, select

from app.cli.workspace import make_database
from app.domain.labelling import Candidate, LabelVersion
from app.domain.specimens import Specimen
from app.settings import Settings
from benchmarks import filling
from benchmarks.report import Row, add_json_option, show
from benchmarks.serving import TOKEN, running

WARM, TIMES = 3, 40
MODELS = 20
LIMITS = {"sqlite": 200, "postgresql": 100}
"""Milliseconds in which 95 of 100 requests shall be answered."""

PAGES = {
    "home": "/",
    "home, refreshed": "/home/now",
    "rounds": "/rounds",
    "one round": "/rounds/{models}",
    "models": "/models",
    "one model": "/models/{models}",
    "benchmark": "/benchmark",
    "strata": "/strata",
    "specimens": "/specimens",
    "specimens, labelled": "/specimens?state=labelled&after={middle}",
    "review": "/review",
    "review queue": "/api/v1/review-queue",
    "grid": "/grid",
    "grid, tiles": "/api/v1/grid?limit=200",
    "grid, one stratum": "/api/v1/grid?limit=200&stratum=3",
    "second look": "/second-look",
    "specimen": "/specimens/{middle}",
    "audit": "/audit",
    "data": "/data",
    "exports": "/exports",
    "jobs": "/jobs",
    "version": "/versions/{version}",
    "version, data": "/api/v1/versions/{version}",
    "digest": "/api/v1/lineage?of={digest}",
    "round's versions": "/api/v1/rounds/{models}/versions",
    "model's versions": "/api/v1/models/{models}/versions",
    "model's candidates": "/api/v1/models/{models}/candidates",
    "person's versions": "/api/v1/people/2/versions",
    "export's versions": "/api/v1/exports/{export}/versions",
    "status": "/api/v1/status",
}


def measured(address: str, places: dict[str, object], only: str) -> Iterator[Row]:
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.addheaders = [("Origin", address)]
    opener.open(f"{address}/?token={TOKEN}").close()
    name = urllib.parse.urlencode({"name": "Curator 0"}).encode()
    opener.open(f"{address}/welcome", name).close()
    for page, path in PAGES.items():
        if only in page:
            yield _timed(opener, page, address + path.format(**places))


def _timed(opener: urllib.request.OpenerDirector, page: str, address: str) -> Row:
    spent, size = [], 0
    for turn in range(WARM + TIMES):
        begin = time.perf_counter()
        try:
            with opener.open(address) as answer:
                size = len(answer.read())
        except urllib.error.HTTPError as error:
            return {"page": page, "p95 ms": None, "median ms": None, "first ms": None,
                    "kB": None, "note": error.code}  # fmt: skip
        spent.append(1000 * (time.perf_counter() - begin))
        if turn == 0 and spent[0] > 5000:
            break  # slow beyond doubt
    known = spent[WARM:] or spent
    p95 = quantiles(known, n=20)[-1] if len(known) > 1 else known[0]
    return {"page": page, "p95 ms": round(p95), "median ms": round(median(known)),
            "first ms": round(spent[0]), "kB": round(size / 1000), "note": ""}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specimens", type=int, default=100_000)
    parser.add_argument("--versions", type=int, default=300_000)
    parser.add_argument("--candidates", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="keep the collection here, or take it from here")
    parser.add_argument(
        "--database-url", default="", help="PostgreSQL; by default SQLite in --data"
    )
    parser.add_argument("--only", default="", help="only pages whose name holds this")
    add_json_option(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mothmask-benchmark-") as folder:
        data: Path = options.data or Path(folder)
        settings = Settings(data=data, database_url=options.database_url)
        counts, places, dialect = _filled(settings, options)
        with running(data, options.database_url) as address:
            rows = list(measured(address, places, options.only))
    slow = [row["page"] for row in rows if float(row["p95 ms"] or 0) > LIMITS[dialect]]
    summary = {"database": dialect, **counts, "limit, ms": LIMITS[dialect], "slower": slow}
    show("Server times of pages", rows, summary, options.json)


def _filled(
    settings: Settings, options: argparse.Namespace
) -> tuple[dict[str, int], dict[str, object], str]:
    """Counts of what is there, what goes into addresses, and the kind of the database."""
    database = make_database(settings)
    with database.reading() as session:
        empty = session.scalar(select(Specimen.id).limit(1)) is None
    if empty:
        filling.fill(
            database,
            options.specimens,
            versions=options.versions,
            candidates=options.candidates,
            models=MODELS,
        )
    with database.reading() as session:
        ids = {
            "specimens": Specimen.id,
            "versions": LabelVersion.id,
            "candidates": Candidate.id,
        }
        counts = {name: session.scalar(select(func.count(id_))) or 0 for name, id_ in ids.items()}
        middle = session.scalars(
            select(Specimen.id)
            .where(Specimen.version_id.is_not(None), Specimen.id >= counts["specimens"] // 2)
            .order_by(Specimen.id)
            .limit(1)
        ).one()
        newest = select(LabelVersion).where(LabelVersion.model_id.is_not(None))
        version = session.scalars(newest.order_by(LabelVersion.id.desc()).limit(1)).one()
        places: dict[str, object] = {
            "middle": middle,
            "version": version.id,
            "digest": version.digest,
            "models": MODELS,
            "export": MODELS + 2,
        }
    database.close()
    return counts, places, database.engine.dialect.name


if __name__ == "__main__":
    main()
