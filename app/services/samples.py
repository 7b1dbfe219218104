"""Sample specimens for the first look: drawn here, then imported like any photograph."""

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database
from app.domain.jobs import JobKind
from app.domain.photographs import ImportedFile, Photograph, Source
from app.services import jobs, photograph_imports, sources
from app.services.staging import Staged
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import encode_png

SOURCE = "SAMPLE"
COUNT = 48
AT_ONCE = 3
"""So few that the first can be reviewed while the others are still being drawn."""


def are_due(session: Session) -> bool:
    """Nothing is there yet, or their drawing was interrupted."""
    photographs = session.scalar(select(func.count(Photograph.id))) or 0
    return photographs == 0 or 0 < _drawn(session) < COUNT


def import_samples(db: Database, blobs: Blobs, stopped: Callable[[], bool]) -> None:
    """Draw and stage a few at a time, from where it ended last time, until somebody says stop."""
    with db.transaction() as session:
        source_id = sources.get_or_make(session, SOURCE).id
        job_id = jobs.start(session, JobKind.IMPORT, None, growing=True).id
        drawn = _drawn(session)
    try:
        while drawn < COUNT and not stopped():
            seeds = range(drawn, min(drawn + AT_ONCE, COUNT))
            staged = [_draw(blobs, seed) for seed in seeds]
            with db.transaction() as session:
                photograph_imports.add_files(session, staged, job_id=job_id, source_id=source_id)
            drawn += len(seeds)
    finally:
        with db.transaction() as session:
            jobs.all_parts_added(session, job_id)


def _drawn(session: Session) -> int:
    """How many were staged; their seeds are 0, 1, 2 …, so it is also the next seed."""
    files = select(func.count(ImportedFile.id)).join(Source).where(Source.code == SOURCE)
    return session.scalar(files) or 0


def _draw(blobs: Blobs, seed: int) -> Staged:
    drawn = draw_specimen(seed)
    return Staged(f"{drawn.name}.png", blobs.put(encode_png(drawn.pixels)))
