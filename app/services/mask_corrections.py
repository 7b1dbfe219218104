"""What people know better of a file: its kind, its specimen, and whether it is inverted."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database
from app.domain.mask_imports import MaskFile, MaskKind, MaskOutcome
from app.errors import Conflict, NotFound, Refused
from app.services import jobs
from app.services.mask_imports import get, get_file
from app.services.mask_reading import Asked, read, record, targets_of
from app.services.mask_repeats import settle_repeated


@dataclass(frozen=True)
class Correction:
    """What a person says of a file; None leaves it as it is."""

    kind: MaskKind | None = None
    inverted: bool | None = None
    specimen_id: int | None = None


def correct(db: Database, blobs: Blobs, import_id: int, file_id: int, wanted: Correction) -> None:
    """Read one file again as a person says; its specimen then has this file and no other."""
    with db.reading() as session:
        job_id = get(session, import_id).job_id
        file = _correctable(session, import_id, file_id)
        specimen_id = wanted.specimen_id or file.specimen_id
        if specimen_id is None:
            raise Refused("Choose the specimen that {name} is for first.", name=file.name)
        target = targets_of(session, {specimen_id}).get(specimen_id)
        asked = _as_corrected(file, wanted)
    if target is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    found = read(blobs, asked, target)
    with db.transaction() as session:
        # Nobody reads another file for the same specimen meanwhile, and nobody takes this one.
        jobs.get_job(session, job_id, lock=True)
        get(session, import_id, lock=True)
        file = _correctable(session, import_id, file_id)
        if _as_corrected(file, wanted) != asked:
            raise Conflict(
                "{name} was corrected by somebody else meanwhile; look at it again.", name=file.name
            )
        before, choices = file.specimen_id, file.reason.get("choices", [])
        file.kind_chosen = file.kind_chosen or wanted.kind is not None
        record(file, found)
        if len(choices) > 1:  # one may choose again
            file.reason = {**file.reason, "choices": choices}
        preferred = file_id if wanted.specimen_id is not None else None
        concerned = {specimen_id} if before is None else {specimen_id, before}
        settle_repeated(session, import_id, concerned, preferred)


def _as_corrected(file: MaskFile, wanted: Correction) -> Asked:
    kind = wanted.kind or file.kind
    inverted = wanted.inverted
    if inverted is None and wanted.kind is None and file.kind is not None:
        inverted = file.inverted
    return Asked(file.id, file.name, file.digest, kind, inverted)


def _correctable(session: Session, import_id: int, file_id: int) -> MaskFile:
    file = get_file(session, import_id, file_id)
    if file.outcome is MaskOutcome.WAITING:
        raise Conflict("{name} is still being read; wait for that first.", name=file.name)
    if file.is_taken:
        raise Conflict("{name} was taken already, and stays as it is.", name=file.name)
    if not file.digest:
        raise Conflict("{name} could not be kept. Hand it in again.", name=file.name)
    return file
