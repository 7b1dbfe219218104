"""Several files of an import for one specimen: one counts, the others are told so."""

from collections import Counter
from collections.abc import Collection, Iterable

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app.domain.base import Json
from app.domain.labelling import Candidate, LabelVersion
from app.domain.mask_imports import MaskFile, MaskOutcome
from app.services.mask_imports import reason


def settle_repeated(
    session: Session, import_id: int, specimen_ids: Iterable[int], preferred: int | None = None
) -> None:
    """Let the file count that is taken already, or preferred, or brings a new mask, or came first.

    Whoever edits one of the pictures that were handed out and brings all of them back means the one
    that is not as it was.
    """
    session.flush()
    usable = (MaskOutcome.MATCHED, MaskOutcome.REPEATED)
    query = select(MaskFile).where(
        MaskFile.import_id == import_id,
        MaskFile.outcome.in_(usable),
        MaskFile.specimen_id.in_(list(specimen_ids)),
    )
    rows = session.scalars(query.order_by(MaskFile.id)).all()
    per_specimen = Counter(file.specimen_id for file in rows)
    known = _known_masks(session, {id_ for id_, files in per_specimen.items() if files > 1})

    def rank(file: MaskFile) -> tuple[bool, bool, bool]:
        is_known = (file.specimen_id, file.mask_digest) in known
        return not file.is_taken, file.id != preferred, is_known

    counting: dict[int | None, MaskFile] = {}
    for file in sorted(rows, key=rank):
        first = counting.setdefault(file.specimen_id, file)
        if first is not file:
            file.outcome, file.reason = MaskOutcome.REPEATED, _repeats(file, first)
        elif file.outcome is MaskOutcome.REPEATED:
            file.outcome, file.reason = MaskOutcome.MATCHED, {}


def _known_masks(
    session: Session, specimen_ids: Collection[int | None]
) -> set[tuple[int | None, str | None]]:
    """Masks that the specimens have as candidates or versions; the same mask has one digest."""
    if not specimen_ids:
        return set()
    columns = [
        select(kind.specimen_id, kind.digest).where(kind.specimen_id.in_(specimen_ids))
        for kind in (Candidate, LabelVersion)
    ]
    return {(row[0], row[1]) for row in session.execute(union(*columns))}


def _repeats(file: MaskFile, first: MaskFile) -> Json:
    return reason(
        "{first} is for the same specimen and counts. Choose the specimen here if this file "
        "shall count instead.",
        {"first": first.name},
        choices=[file.specimen_id],
    )
