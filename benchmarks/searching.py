"""Lists, searches and boxes in a collection of 100,000 specimens: how long each page takes.

Only the database is filled; pictures are not asked for. Each page is fetched from a real server,
first once to warm it; of the times after that the median counts.
"""

import argparse
import http.cookiejar
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select, text, update

from app.cli.workspace import make_database
from app.db import Database
from app.domain.labelling import Candidate, LabelVersion
from app.domain.photographs import MetadataField, Photograph
from app.domain.specimens import NO_BOX, Crop, CropWarning, Specimen, SpecimenState
from app.domain.taxa import Taxon
from app.services import people, sources
from app.services.source_presets import PRESETS
from app.settings import Settings
from benchmarks.report import Row, add_json_option, show
from benchmarks.serving import TOKEN, running

FAMILIES = ("Geometridae", "Noctuidae", "Erebidae", "Limacodidae", "Lasiocampidae", "Crambidae")
PREFIXES = ("GEO", "NOC", "ERE", "LIM", "LAS", "CRA")
SPECIES = 120
"""Of each family."""
CANDIDATES = ("grabcut", "border-otsu", "kanezaki")
PLACES = ("Taipei 臺北", "Nantou 南投", "Hualien 花蓮", "Pingtung 屏東", "Taitung 臺東")
PER_TRANSACTION = 2000
WARNINGS = tuple(each.value for each in CropWarning)
TIMES = 5

PAGES = (
    "/",
    "/specimens",
    "/specimens?state=proposed&after={middle}",
    "/specimens?taxon=GEO",
    "/specimens?taxon=GEO017",
    "/specimens?family=Crambidae",
    "/specimens?sex=female",
    "/specimens?search=SJTT099",
    "/specimens?search=no-such-name",
    "/specimens?field=place&value=花蓮",
    "/specimens?field=collector&value=Nobody",
    "/specimens?source=CATT&state=labelled",
    "/api/v1/grid?limit=200",
    "/api/v1/grid?limit=200&taxon=GEO017",
    "/boxes",
    "/api/v1/box-queue",
    "/api/v1/box-queue?look=unchecked&source=CARS",
    "/boxes/grid",
    "/boxes/grid?look=all",
    "/boxes/grid?look=all&after=0.7,{middle}",
    "/boxes/grid?look=touches-border",
    "/boxes/grid?look=aspect&source=SJTT",
    "/boxes/grid?look=ruler-or-card",
    "/boxes/grid?look=nothing-found",
    "/sources",
    "/sources/SJTT",
    "/taxa",
    "/taxa?search=GEO01",
    "/specimens/{middle}",
)


def fill(database: Database, count: int) -> None:
    """Specimens of the five sources of the lab, two in five with a label, few boxes in doubt."""
    with database.transaction() as session:
        person_id = people.get_or_make(session, "Benchmark").id
        ids = [sources.add(session, code, {}, code).id for code in PRESETS]
        taxa = [
            {
                "code": f"{prefix}{number:03}",
                "family": family,
                "name": f"{family[:5]}a nova{number}",
            }
            for family, prefix in zip(FAMILIES, PREFIXES, strict=True)
            for number in range(SPECIES)
        ]
        session.execute(insert(Taxon), taxa)
    rng = np.random.default_rng(0)
    for first in range(1, count + 1, PER_TRANSACTION):
        numbers = range(first, min(first + PER_TRANSACTION, count + 1))
        drawn = [_rows(number, ids, person_id, rng) for number in numbers]
        with database.transaction() as session:
            for table in (Photograph, Specimen, Crop, Candidate, LabelVersion, MetadataField):
                if rows := [row for each in drawn for row in each.get(table, ())]:
                    session.execute(insert(table), rows)
            here = Specimen.id.between(numbers.start, numbers.stop - 1)
            cropped = update(Specimen).where(here, Specimen.state != SpecimenState.UNCROPPED)
            session.execute(cropped.values(crop_id=Specimen.id))
            labelled = update(Specimen).where(here, Specimen.state == SpecimenState.LABELLED)
            session.execute(labelled.values(version_id=Specimen.id))
            assert session.scalar(select(func.count(Specimen.id)).where(here)) == len(numbers)
    with database.transaction() as session:
        session.connection().execute(text("ANALYZE"))


def _rows(
    number: int, source_ids: Sequence[int], person_id: int, rng: np.random.Generator
) -> dict[type, list[dict[str, Any]]]:
    moment = {"created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    which = int(rng.integers(len(source_ids)))
    code, source_id = list(PRESETS)[which], source_ids[which]
    taxon = f"{PREFIXES[int(rng.integers(6))]}{int(SPECIES * rng.random() ** 2):03}"
    sex = ("male", "female", "")[int(rng.integers(3))]
    key = "_".join(part for part in (taxon, f"{code}{number:06}", "1", sex) if part)
    found = rng.random() > 0.01
    state = SpecimenState.UNCROPPED
    if found:
        state = SpecimenState.LABELLED if rng.random() < 0.4 else SpecimenState.PROPOSED
    confidence = float(np.clip(rng.normal(0.85, 0.1), 0.05, 1))
    warnings = [WARNINGS[int(rng.integers(len(WARNINGS)))]] if rng.random() < 0.08 else []
    checked = state is SpecimenState.LABELLED and rng.random() < 0.5
    digest = f"{number:064x}"
    own = {"id": number, "source_id": source_id, "key": key, **moment}
    photograph = {"file_name": f"{key}.jpg", "digest": digest, "media_type": "image/jpeg",
                  "width": 4000, "height": 3000, "notes": []}  # fmt: skip
    specimen = {"photograph_id": number, "taxon": taxon, "number": f"{code}{number:06}",
                "individual": "1", "sex": sex, "searched": True, "state": state,
                "box_checked": checked, "candidates": 3 * found, "open_candidates": 3 * found,
                "box_doubt": 1.0 if not found else 0.5 if warnings else 1 - confidence,
                "view": "", "unusable": False, "skips": 0,
                "priority": float(rng.random()),
                "box_confidence": confidence if found else NO_BOX,
                "box_warned": bool(found and warnings)}  # fmt: skip
    rows: dict[type, list[dict[str, Any]]] = {
        Photograph: [own | photograph],
        Specimen: [own | specimen],
        MetadataField: [
            {"source_id": source_id, "key": key, "name": name, "value": value}
            for name, value in (
                ("place", PLACES[int(rng.integers(len(PLACES)))]),
                ("date", f"20{int(rng.integers(10, 26))}-{int(rng.integers(1, 13)):02}"),
                ("collector", f"Collector {int(rng.integers(200))}"),
            )
        ],
    }
    if not found:
        return rows
    rows[Crop] = [{"id": number, "specimen_id": number, "number": 1, "left": 400, "top": 300,
                   "right": 3600, "bottom": 2700, "found_box": [500, 400, 3500, 2600],
                   "confidence": confidence, "origin": "fallback", "digest": digest,
                   "preview_digest": digest, "angle": 0.0, "warnings": warnings,
                   **moment}]  # fmt: skip
    rows[Candidate] = [
        {"specimen_id": number, "crop_id": number, "origin": origin, "agreeing": [],
         "digest": digest, "own_score": 0.5, "score": float(rng.random()), "rejected": False,
         **moment}
        for origin in CANDIDATES
    ]  # fmt: skip
    if state is SpecimenState.LABELLED:
        rows[LabelVersion] = [{"id": number, "specimen_id": number, "number": 1, "crop_id": number,
                               "digest": digest, "person_id": person_id, "origin": "hand",
                               "parent_id": None, **moment}]  # fmt: skip
    return rows


def measured(address: str, count: int) -> Iterator[Row]:
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.addheaders = [("Origin", address)]
    opener.open(f"{address}/?token={TOKEN}").close()
    opener.open(f"{address}/welcome", urllib.parse.urlencode({"name": "Ada"}).encode()).close()
    for page in PAGES:
        path = urllib.parse.quote(page.format(middle=count // 2), safe="/?&=,")
        spent = []
        for _ in range(TIMES + 1):
            begin = time.perf_counter()
            with opener.open(address + path) as answer:
                size = len(answer.read())
            spent.append(1000 * (time.perf_counter() - begin))
        yield {"page": page, "ms": round(median(spent[1:])), "first ms": round(spent[0]),
               "kB": round(size / 1000)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specimens", type=int, default=100_000)
    parser.add_argument("--data", type=Path, help="keep the collection here, or take it from here")
    add_json_option(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mothmask-benchmark-") as folder:
        settings = Settings(data=options.data or Path(folder))
        database = make_database(settings)
        with database.reading() as session:
            there = session.scalar(select(func.count(Specimen.id))) or 0
        if not there:
            fill(database, options.specimens)
            there = options.specimens
        database.close()
        with running(settings.data) as address:
            rows = list(measured(address, there))
    slowest = max(float(row["ms"] or 0) for row in rows)
    summary = {"specimens": there, "slowest page, ms": slowest}
    show("Pages of a large collection", rows, summary, options.json)


if __name__ == "__main__":
    main()
