"""Imports as a test starts them, and what became of each file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image
from sqlalchemy import func, select

from app.domain.jobs import Job, PartKind
from app.domain.photographs import ImportedFile, Outcome, Photograph
from app.domain.specimens import Specimen
from app.services import jobs, photograph_imports
from app.services.folders import Incoming
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress
from tests.conftest import Drain
from tests.unit.imaging import pictures
from worker.context import Context
from worker.jobs import crop, place_boxes, take_in
from worker.runner import Handler


def later(_context: Context, _part: ClaimedPart, _on_progress: OnProgress) -> None:
    """Stands for the parts that follow."""


HANDLERS: Mapping[PartKind, Handler] = {
    PartKind.STAGE: take_in.run_staging,
    PartKind.TAKE_IN: take_in.run,
    PartKind.CROP: later,
}

# The same, and the crops are made: by the detector or by the boxes that came along.
CUTTING_HANDLERS: Mapping[PartKind, Handler] = {
    **HANDLERS,
    PartKind.CROP: crop.run,
    PartKind.PLACE_BOXES: place_boxes.run,
    PartKind.PROPOSE: later,
}


@dataclass(frozen=True)
class Ended:
    outcome: Outcome
    reason: str
    photograph_id: int | None


class Import(Protocol):
    def __call__(self, files: Mapping[str, bytes], source: str = "TEST") -> dict[str, Ended]: ...


def photograph(seed: int = 0, kind: str = "PNG") -> bytes:
    """A small photograph; each seed gives other bytes."""
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    return pictures.saved(Image.fromarray(pixels), kind)


def run_import(
    context: Context, drain: Drain, files: Mapping[str, bytes], source: str
) -> dict[str, Ended]:
    incoming = [Incoming(name, (data,)) for name, data in files.items()]
    job_id = photograph_imports.start(context.db, context.blobs, incoming, source)
    drain(context, HANDLERS)
    return ended(context, job_id)


def ended(context: Context, job_id: int) -> dict[str, Ended]:
    with context.db.reading() as session:
        rows = session.scalars(select(ImportedFile).where(ImportedFile.job_id == job_id))
        return {row.name: Ended(row.outcome, row.reason, row.photograph_id) for row in rows}


def job_of(context: Context, job_id: int) -> Job:
    with context.db.reading() as session:
        return jobs.get_job(session, job_id)


def count(context: Context, mapped: type[Photograph | Specimen | ImportedFile]) -> int:
    with context.db.reading() as session:
        return session.scalars(select(func.count()).select_from(mapped)).one()
