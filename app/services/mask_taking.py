"""Making label versions or candidates of the files of an import. Nothing is ever replaced."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.db import now
from app.domain.base import Json
from app.domain.labelling import FROM_FILE, UPLOAD, Candidate, Decision, LabelVersion, Review
from app.domain.mask_imports import MaskFile, MaskImport, MaskOutcome, TakenAs
from app.domain.specimens import Specimen
from app.errors import Conflict
from app.services import mask_imports
from app.services.mask_imports import reason
from app.services.queueing import settle_queue_places

CHUNK = 200
SCORE = 1.0
"""What a person made is shown before what a method proposes."""


@dataclass(frozen=True)
class Wanted:
    """The matched files that are meant: those named, or all besides those named."""

    only: Collection[int] | None = None
    besides: Collection[int] = ()

    def has(self, file_id: int) -> bool:
        if self.only is not None:
            return file_id in self.only
        return file_id not in self.besides


@dataclass(frozen=True)
class Taken:
    """How many of the wanted files are taken by now, and how many say why they are not."""

    taken: int
    left: int


def take(session: Session, import_id: int, person_id: int, as_: TakenAs, wanted: Wanted) -> Taken:
    """Take the wanted files in the session's one transaction; again, it does nothing more."""
    import_ = mask_imports.get(session, import_id, lock=True)
    if import_.job.is_open:
        raise Conflict("The files are still being read; wait until all of them are.")
    matched = select(MaskFile.id, MaskFile.version_id, MaskFile.candidate_id).where(
        MaskFile.import_id == import_id, MaskFile.outcome == MaskOutcome.MATCHED
    )
    # In the order of specimens, which others lock in the same order.
    rows = [
        row for row in session.execute(matched.order_by(MaskFile.specimen_id)) if wanted.has(row[0])
    ]
    waiting = [row[0] for row in rows if row[1] is None and row[2] is None]
    taken = len(rows) - len(waiting)
    for first in range(0, len(waiting), CHUNK):
        taken += _take_some(session, import_, person_id, as_, waiting[first : first + CHUNK])
    if taken:
        import_.taken_as, import_.taken_at = as_, now(session)
    return Taken(taken, len(rows) - taken)


def _take_some(
    session: Session, import_: MaskImport, person_id: int, as_: TakenAs, file_ids: Sequence[int]
) -> int:
    files = session.scalars(
        select(MaskFile).where(MaskFile.id.in_(file_ids)).order_by(MaskFile.specimen_id)
    ).all()
    specimens = _locked(session, [file.specimen_id for file in files])
    labels = _labels(session, specimens.values())
    good = []
    for file in files:
        specimen = specimens[file.specimen_id]
        label = labels.get(specimen.version_id) if as_ is TakenAs.VERSIONS else None
        if problem := _problem(file, specimen, as_, label, import_.created_at):
            file.reason = problem
        else:
            file.reason = {}
            good.append((file, specimen))
    if as_ is TakenAs.VERSIONS:
        _make_versions(session, person_id, good)
    else:
        _make_candidates(session, good)
    settle_queue_places(session, [specimen for _, specimen in good])
    return len(good)


def _locked(session: Session, ids: Sequence[int | None]) -> dict[int | None, Specimen]:
    query = select(Specimen).where(Specimen.id.in_(ids)).order_by(Specimen.id)
    return {row.id: row for row in session.scalars(query.with_for_update(of=Specimen))}


def _labels(session: Session, specimens: Collection[Specimen]) -> dict[int | None, LabelVersion]:
    ids = [each.version_id for each in specimens if each.version_id is not None]
    query = select(LabelVersion).options(joinedload(LabelVersion.person))
    return {row.id: row for row in session.scalars(query.where(LabelVersion.id.in_(ids)))}


def _problem(
    file: MaskFile,
    specimen: Specimen,
    as_: TakenAs,
    label: LabelVersion | None,
    since: datetime,
) -> Json:
    values: Json = {"key": specimen.key}
    if specimen.crop_id != file.crop_id:
        return reason(
            "The crop of {key} has changed since the file was read; hand it in again.", values
        )
    if as_ is TakenAs.VERSIONS and specimen.unusable:
        return reason("{key} is marked unusable; take that back first.", values)
    if label is not None and label.created_at > since:
        values |= {"person": label.person.name, "number": label.number}
        return reason(
            "{person} has saved version {number} of {key} since the files were handed in. "
            "Propose it for review, where both are seen side by side.",
            values,
        )
    return {}


def _make_versions(
    session: Session, person_id: int, good: Sequence[tuple[MaskFile, Specimen]]
) -> None:
    moment = now(session)
    numbers = _numbers(session, [specimen.id for _, specimen in good])
    versions = []
    for file, specimen in good:
        crop_id, digest = _mask_of(file)
        versions.append(
            LabelVersion(
                specimen_id=specimen.id,
                number=numbers.get(specimen.id, 0) + 1,
                parent_id=specimen.version_id,
                crop_id=crop_id,
                digest=digest,
                person_id=person_id,
                origin=UPLOAD,
                created_at=moment,
            )
        )
    session.add_all(versions)
    session.flush()
    for (file, specimen), version in zip(good, versions, strict=True):
        session.add(_acceptance(file, version))
        specimen.version_id = file.version_id = version.id


def _numbers(session: Session, specimen_ids: Sequence[int]) -> dict[int, int]:
    newest = (
        select(LabelVersion.specimen_id, func.max(LabelVersion.number))
        .where(LabelVersion.specimen_id.in_(specimen_ids))
        .group_by(LabelVersion.specimen_id)
    )
    return dict(session.execute(newest).all())


def _acceptance(file: MaskFile, version: LabelVersion) -> Review:
    return Review(
        decision_id=f"{FROM_FILE}{file.id}",
        specimen_id=version.specimen_id,
        person_id=version.person_id,
        decision=Decision.ACCEPT,
        reasons=[],
        version_id=version.id,
        parent_id=version.parent_id,
        created_at=version.created_at,
    )


def _make_candidates(session: Session, good: Sequence[tuple[MaskFile, Specimen]]) -> None:
    candidates = []
    for file, specimen in good:
        crop_id, digest = _mask_of(file)
        candidates.append(
            Candidate(
                specimen_id=specimen.id,
                crop_id=crop_id,
                origin=f"{UPLOAD}:{file.id}",
                agreeing=[],
                digest=digest,
                own_score=SCORE,
                score=SCORE,
                created_at=now(session),
            )
        )
    session.add_all(candidates)
    session.flush()
    for (file, _), candidate in zip(good, candidates, strict=True):
        file.candidate_id = candidate.id


def _mask_of(file: MaskFile) -> tuple[int, str]:
    assert file.crop_id is not None
    assert file.mask_digest is not None
    return file.crop_id, file.mask_digest
