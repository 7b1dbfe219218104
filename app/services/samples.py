"""Sample specimens for the first look: drawn here, then imported like any photograph."""

from collections.abc import Callable, Iterator

from app.blobs import Blobs
from app.db import Database
from app.domain.jobs import JobKind
from app.services import jobs, sources, staging
from app.services.staging import Staged
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import encode_png

SOURCE = "SAMPLE"
COUNT = 48
AT_ONCE = 3
"""So few that the first can be reviewed while the others are still being drawn."""


def import_samples(db: Database, blobs: Blobs, stopped: Callable[[], bool]) -> None:
    """Draw and stage a few at a time, until all are there or somebody says stop."""
    with db.transaction() as session:
        source_id = sources.get_or_make(session, SOURCE).id
        job_id = jobs.start(session, JobKind.IMPORT, None, growing=True).id
    try:
        for seeds in _groups():
            if stopped():
                return
            staged = [_draw(blobs, seed) for seed in seeds]
            with db.transaction() as session:
                staging.add_files(session, job_id, source_id, staged)
    finally:
        with db.transaction() as session:
            jobs.all_parts_added(session, job_id)


def _groups() -> Iterator[range]:
    for first in range(0, COUNT, AT_ONCE):
        yield range(first, min(first + AT_ONCE, COUNT))


def _draw(blobs: Blobs, seed: int) -> Staged:
    drawn = draw_specimen(seed)
    return Staged(f"{drawn.name}.png", blobs.put(encode_png(drawn.pixels)))
