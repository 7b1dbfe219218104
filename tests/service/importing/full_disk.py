"""Imports that fill their disk. Run in a mount namespace of its own: see the test beside it."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from app.blobs import FolderBlobs
from app.db import Database
from app.domain import Base
from app.domain.jobs import Job, JobState, Part, PartKind
from app.domain.photographs import ImportedFile, Outcome, Photograph
from app.domain.specimens import Specimen
from app.errors import DiskFull
from app.services import photograph_imports, resuming, sweeping
from app.settings import Settings
from tests.service.importing.flow import HANDLERS
from worker.context import Context
from worker.runner import run_part


def main(data: Path, incoming: Path) -> None:
    _mount(data, "size=4m")
    settings = Settings(data=data)
    context = Context(settings, Database(settings.database), FolderBlobs(settings.blob_folder))
    Base.metadata.create_all(context.db.engine)
    told = [_import(context, incoming)]
    _work(context)
    while_full = _state_of(context)
    _mount(data, "remount,size=64m")
    _go_on(context)
    told.append(_import(context, incoming))
    _work(context)
    print(json.dumps({"told": told, "while_full": while_full, "afterwards": _state_of(context)}))


def _mount(data: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(data)], check=True)


def _import(context: Context, incoming: Path) -> str:
    try:
        photograph_imports.start_paths(context.db, context.blobs, [incoming], "TEST")
    except DiskFull as refused:
        return str(refused)
    return "imported"


def _work(context: Context) -> None:
    """Run the parts that wait; a worker whose disk is full may not even be able to say so."""
    with context.db.reading() as session:
        waiting = session.scalars(select(Part.id).where(Part.state == JobState.QUEUED)).all()
    for part_id in waiting:
        try:
            run_part(context, HANDLERS, part_id)
        except DiskFull:
            return
    if waiting:
        _work(context)


def _go_on(context: Context) -> None:
    with context.db.transaction() as session:
        sweeping.sweep(session, timedelta(0))
    _work(context)
    with context.db.transaction() as session:
        failed = session.scalars(select(Job.id).where(Job.state == JobState.FAILED)).all()
        for job_id in failed:
            resuming.resume(session, job_id)
    _work(context)


def _state_of(context: Context) -> dict[str, object]:
    assert isinstance(context.blobs, FolderBlobs)
    with context.db.reading() as session:
        named = [
            *session.scalars(select(ImportedFile.digest)),
            *session.scalars(select(Photograph.digest)),
        ]
        staging = select(Part.state).where(Part.kind == PartKind.STAGE)
        new = select(func.count()).where(ImportedFile.outcome == Outcome.NEW)
        return {
            "integrity": session.scalar(text("PRAGMA integrity_check")),
            "half_written": _half_written(context.blobs),
            "lost": [digest for digest in named if not context.blobs.path(digest).exists()],
            "staging": [str(state) for state in session.scalars(staging.order_by(Part.id))],
            "new": session.scalar(new),
            "specimens": session.scalar(select(func.count()).select_from(Specimen)),
            "failures": sorted(set(session.scalars(select(Part.message))) - {""}),
            "jobs": sorted({str(state) for state in session.scalars(select(Job.state))}),
        }


def _half_written(blobs: FolderBlobs) -> list[str]:
    return [
        str(file.relative_to(blobs.root))
        for file in _files_in(blobs.root)
        if "".join(file.relative_to(blobs.root).parts)
        != hashlib.sha256(file.read_bytes()).hexdigest()
    ]


def _files_in(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
