"""Which rows name which blobs. Every column that holds the digest of a blob is told of here."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.blobs import Blobs, Stored
from app.domain.benchmark import SecondLabel
from app.domain.detectors import DetectorRound, TrainedDetector
from app.domain.jobs import Job, Part
from app.domain.labelling import Candidate, Draft, LabelVersion
from app.domain.mask_imports import MaskFile
from app.domain.photographs import ImportedFile, Photograph
from app.domain.rounds import Checkpoint, ContactSheet, TrainedModel
from app.domain.specimens import Crop, CropMap
from app.domain.strata import Stratum
from app.services.row_keys import key_of, name_of

AT_ONCE = 1000
DIGEST_LENGTH = 64
COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    Photograph.digest,
    ImportedFile.digest,
    Crop.digest,
    Crop.preview_digest,
    CropMap.digest,
    Candidate.digest,
    Candidate.probability_digest,
    LabelVersion.digest,
    SecondLabel.digest,
    Draft.digest,
    MaskFile.digest,
    MaskFile.mask_digest,
    TrainedModel.weights_digest,
    TrainedModel.card_digest,
    Checkpoint.digest,
    ContactSheet.digest,
    DetectorRound.checkpoint_digest,
    TrainedDetector.digest,
    TrainedDetector.weights_digest,
    Stratum.sheet_digest,
)
NO_BLOBS = ("exported_mask.digest", "loose_blob.digest")
"""Of bytes in an archive, and of bytes that perhaps are there."""
IN_JSON = (Job.result, Part.payload)
"""Values that look like a digest are taken for one: better one blob too many is kept."""


@dataclass(frozen=True)
class Reference:
    """One row that names a blob."""

    digest: str
    by: str
    """Column and key of the row, such as `label_version.digest 12`."""


def references(session: Session) -> Iterator[Reference]:
    """Every reference to a blob, in the order of digests."""
    told = iter(sorted(_in_json(session), key=lambda each: each.digest))
    waiting = next(told, None)
    for digest, column, key in session.execute(_in_columns()):
        while waiting is not None and waiting.digest <= digest:
            yield waiting
            waiting = next(told, None)
        yield Reference(digest, f"{column} {key}")
    if waiting is not None:
        yield waiting
    yield from told


def by_digest(session: Session) -> Iterator[tuple[str, list[Reference]]]:
    for digest, found in groupby(references(session), key=lambda each: each.digest):
        yield digest, list(found)


def side_by_side(blobs: Blobs, session: Session) -> Iterator[tuple[Stored | None, list[Reference]]]:
    """What is stored and what is named, both in order, so that neither is held in memory."""
    named = by_digest(session)
    waiting = next(named, None)
    for stored in blobs.stored():
        while waiting is not None and waiting[0] < stored.digest:
            yield None, waiting[1]
            waiting = next(named, None)
        if waiting is not None and waiting[0] == stored.digest:
            yield stored, waiting[1]
            waiting = next(named, None)
        else:
            yield stored, []
    while waiting is not None:
        yield None, waiting[1]
        waiting = next(named, None)


def is_named(session: Session, digest: str) -> bool:
    """Whether any row names this blob. Slow: it looks through whole tables."""
    named = (
        select(literal(1)).where(column == digest, *_names_a_blob(column)).limit(1)
        for column in COLUMNS
    )
    if any(session.scalar(query) is not None for query in named):
        return True
    return any(each.digest == digest for each in _in_json(session))


def _in_columns() -> Select[Any]:
    named = (
        select(
            column.label("digest"),
            literal(name_of(column)).label("column_name"),
            key_of(column.class_.__table__).label("row_key"),
        ).where(*_names_a_blob(column))
        for column in COLUMNS
    )
    every = union_all(*named).subquery()
    query = select(every.c.digest, every.c.column_name, every.c.row_key)
    return query.order_by(every.c.digest).execution_options(yield_per=AT_ONCE)


def _names_a_blob(column: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    kept = [Candidate.pruned.is_(False)] if column is Candidate.digest else []
    return [column.is_not(None), column != "", *kept]


def _in_json(session: Session) -> Iterator[Reference]:
    for column in IN_JSON:
        key = column.class_.__table__.c.id
        query = select(key, column).execution_options(yield_per=AT_ONCE)
        for number, value in session.execute(query):
            for digest in set(digests_in(value)):
                yield Reference(digest, f"{name_of(column)} {number}")


def digests_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for below in value.values():
            yield from digests_in(below)
    elif isinstance(value, list):
        for below in value:
            yield from digests_in(below)
    elif isinstance(value, str) and len(value) == DIGEST_LENGTH and _is_hex(value):
        yield value


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)
