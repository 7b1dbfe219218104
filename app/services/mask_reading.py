"""Reading files that were handed in as masks: for which specimen, of which kind, and the mask."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.blobs import Blobs
from app.db import Database
from app.decoding.masks import read_outside
from app.domain.base import Json
from app.domain.mask_imports import MaskFile, MaskImport, MaskKind, MaskOutcome
from app.domain.specimens import Specimen
from app.errors import Refused
from app.services import archives, mask_imports, mask_matching, staging
from app.services.archives import open_archive
from app.services.mask_imports import reason
from app.services.mask_matching import Match
from app.services.mask_repeats import settle_repeated
from ml.errors import BadInput
from ml.imaging.masks import encode_mask
from ml.imaging.outside import EmptyMask, OutsideMask, Place, WrongSize
from ml.progress import OnProgress, Progress

Begin = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction in which results may be stored."""


@dataclass(frozen=True)
class Target:
    """The specimen that a file is for; it has no place while it has no crop."""

    specimen_id: int
    key: str
    crop_id: int | None
    place: Place | None


@dataclass(frozen=True)
class Asked:
    """A file to be read, and how, where somebody has said so."""

    file_id: int
    name: str
    digest: str
    kind: MaskKind | None = None
    inverted: bool | None = None


@dataclass(frozen=True)
class Read:
    """What was found out about a file."""

    outcome: MaskOutcome
    reason: Json = field(default_factory=dict)
    kind: MaskKind | None = None
    inverted: bool = False
    target: Target | None = None
    mask_digest: str | None = None


def read_files(
    db: Database, blobs: Blobs, file_ids: Sequence[int], begin: Begin, on_progress: OnProgress
) -> None:
    """Read what still waits among these files, and unpack archives."""
    with db.reading() as session:
        waiting = _waiting(session, file_ids)
        asked = [_as_chosen(file) for file in waiting]
        matches = mask_matching.match(session, [file.name for file in waiting])
        targets = targets_of(session, {id_ for match in matches for id_ in match.specimen_ids})
    found: dict[int, Read] = {}
    for done, (file, match) in enumerate(zip(asked, matches, strict=True)):
        on_progress(Progress("reading masks", done, len(asked), file.name))
        try:
            if _unpacked(blobs, file, begin, on_progress):
                continue
            found[file.file_id] = _read_matched(blobs, file, match, targets)
        except Refused as refused:
            why = reason(refused.template, refused.values)
            found[file.file_id] = Read(MaskOutcome.UNREADABLE, why)
    if found:
        with begin() as session:
            _store(session, _waiting(session, list(found)), found)


def _waiting(session: Session, file_ids: Sequence[int]) -> Sequence[MaskFile]:
    query = select(MaskFile).where(
        MaskFile.id.in_(file_ids), MaskFile.outcome == MaskOutcome.WAITING
    )
    return session.scalars(query.order_by(MaskFile.id)).all()


def _as_chosen(file: MaskFile) -> Asked:
    return Asked(file.id, file.name, file.digest, file.kind)


def targets_of(session: Session, specimen_ids: Iterable[int]) -> dict[int, Target]:
    """Return what a mask of each specimen has to fit."""
    query = (
        select(Specimen)
        .options(joinedload(Specimen.crop), joinedload(Specimen.photograph))
        .where(Specimen.id.in_(list(specimen_ids)))
    )
    return {each.id: _target(each) for each in session.scalars(query)}


def _target(specimen: Specimen) -> Target:
    crop, photograph = specimen.crop, specimen.photograph
    if crop is None:
        return Target(specimen.id, specimen.key, None, None)
    place = Place(crop.shape, crop.placement, (photograph.height, photograph.width))
    return Target(specimen.id, specimen.key, crop.id, place)


def _read_matched(blobs: Blobs, file: Asked, match: Match, targets: dict[int, Target]) -> Read:
    if not match.specimen_ids:
        return Read(
            MaskOutcome.UNMATCHED,
            reason("No specimen is called {key}.", {"key": match.key}),
            kind=file.kind,
        )
    if len(match.specimen_ids) > 1:
        return Read(
            MaskOutcome.AMBIGUOUS,
            reason(
                "Several specimens are called {key}: in {sources}. Choose one, or put the file "
                "into a folder that is called like the source.",
                {"key": match.key, "sources": ", ".join(match.sources)},
                choices=match.specimen_ids[:20],
            ),
            kind=file.kind,
        )
    return read(blobs, file, targets[match.specimen_ids[0]])


def read(blobs: Blobs, file: Asked, target: Target) -> Read:
    """Read one file as a mask of a specimen, and keep the mask."""
    if target.place is None:
        why = reason("{key} has no crop yet, so it can have no mask.", {"key": target.key})
        return Read(MaskOutcome.UNMATCHED, why, file.kind, target=target)
    try:
        with blobs.open(file.digest) as stored:
            found = read_outside(
                stored,
                target.place,
                name=file.name,
                kind=file.kind,
                inverted=file.inverted,
            )
    except BadInput as bad:
        wrong = isinstance(bad, WrongSize)
        outcome = MaskOutcome.WRONG_SIZE if wrong else MaskOutcome.UNREADABLE
        why = reason(bad.template, bad.values)
        return Read(outcome, why, file.kind, bool(file.inverted), target)
    try:
        mask = found.checked()
    except EmptyMask as empty:
        why = reason(empty.template, empty.values)
        return Read(MaskOutcome.EMPTY, why, found.kind, found.inverted, target)
    digest = blobs.put(encode_mask(mask))
    doubt = _doubt(found, file.inverted is None)
    return Read(MaskOutcome.MATCHED, doubt, found.kind, found.inverted, target, digest)


def _doubt(found: OutsideMask, unasked: bool) -> Json:
    """What to look at before the mask is taken."""
    if found.looks_inverted:
        return reason("Most of the border is specimen: is the mask inverted?", {})
    if found.inverted and unasked:
        return reason(
            "It was read inverted, because most of its border would be specimen otherwise.", {}
        )
    return {}


def _unpacked(blobs: Blobs, file: Asked, begin: Begin, on_progress: OnProgress) -> bool:
    """Stage the files of an archive in its stead; those of an earlier attempt are passed over."""
    with blobs.open(file.digest) as stored:
        if not archives.is_archive(stored):
            return False
        with begin() as session:
            row = session.get_one(MaskFile, file.file_id)
            import_ = session.get_one(MaskImport, row.import_id)
            known = mask_imports.names_in(session, import_.id, file.name)
        size = mask_imports.FILES_PER_PART
        with open_archive(stored, archives.MOST_GROWTH_OF_MASKS) as archive:
            for staged in staging.unpack(blobs, archive, file.name, known, on_progress, size):
                with begin() as session:
                    mask_imports.add_files(
                        session, staged, import_id=import_.id, job_id=import_.job_id, kind=file.kind
                    )
    with begin() as session:
        session.delete(session.get_one(MaskFile, file.file_id))
    return True


def _store(session: Session, files: Sequence[MaskFile], found: dict[int, Read]) -> None:
    for file in files:
        record(file, found[file.id])
    specimens = {file.specimen_id for file in files if file.specimen_id is not None}
    if specimens:
        settle_repeated(session, files[0].import_id, specimens)


def record(file: MaskFile, read: Read) -> None:
    """Write down what was found out about a file."""
    file.outcome, file.reason = read.outcome, read.reason
    file.kind, file.inverted = read.kind, read.inverted
    file.specimen_id = read.target.specimen_id if read.target else None
    file.crop_id = read.target.crop_id if read.target else None
    file.mask_digest = read.mask_digest
