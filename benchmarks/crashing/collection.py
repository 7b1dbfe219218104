"""What is there when a day begins: specimens with candidates, made once and copied."""

import os
import shutil
from pathlib import Path

from sqlalchemy import select

from app.cli.workspace import make_database
from app.domain.jobs import JobState, Part
from app.services import photograph_imports
from benchmarks.crashing.processes import Installation, make_cluster
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import encode_png
from worker.context import make_context
from worker.handlers import HANDLERS
from worker.runner import run_part

SOURCE = "CABINET"
WIDTH, HEIGHT = 160, 120


def photograph(seed: int) -> bytes:
    return encode_png(draw_specimen(seed, width=WIDTH, height=HEIGHT).pixels)


def make_template(folder: Path, specimens: int) -> None:
    """Fill a database and a blob folder, which `copy` then gives to each day."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    make_cluster(folder)
    installation = Installation(folder)
    installation.database.start()
    installation.broker.start()
    try:
        _fill(installation, folder / "photographs", specimens)
        installation.database.end()
    finally:
        installation.stop()
    shutil.rmtree(folder / "photographs")


def copy(template: Path, folder: Path) -> None:
    shutil.copytree(template, folder)
    for each in (template, *template.rglob("*")):
        place = folder / each.relative_to(template)
        os.chown(place, each.stat().st_uid, each.stat().st_gid)


def _fill(installation: Installation, photographs: Path, specimens: int) -> None:
    photographs.mkdir()
    for seed in range(specimens):
        (photographs / f"moth-{seed:04}.png").write_bytes(photograph(seed))
    settings = installation.settings
    make_database(settings).close()
    context = make_context(settings)
    photograph_imports.start_paths(context.db, context.blobs, [photographs], SOURCE)
    while True:
        with context.db.reading() as session:
            waiting = select(Part.id).where(Part.state == JobState.QUEUED).limit(1)
            part_id = session.scalar(waiting)
        if part_id is None:
            return
        run_part(context, HANDLERS, part_id)
