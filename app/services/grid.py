"""Specimens as small pictures for batches: one mask of each, filtered, the surest first.

Long lists come in pages by key: each row has a rank, and the next page begins after the last rank.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.domain.labelling import UPLOAD, Candidate, LabelVersion
from app.domain.photographs import Source
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Crop, Specimen, SpecimenState, Tag
from app.errors import Refused
from app.services import taxa
from app.services.searching import ANYTHING, About

Expression = ColumnElement[Any] | InstrumentedAttribute[Any]
Rows = Select[*tuple[Any, ...]]

ROUND = "round:"
"""Masks of every model of a round are asked for as `round:<number>`."""


class GridState(StrEnum):
    OPEN = "open"
    """Specimens without a label: the highest ranked candidate that nobody rejected."""
    LABELLED = "labelled"
    """Specimens with a label: that label, the newest first."""
    HAND = "hand"
    """Specimens all of whose candidates were rejected: no mask."""


class GridOrder(StrEnum):
    SURE = "sure"
    UNSURE = "unsure"


@dataclass(frozen=True)
class GridFilter:
    """What is in the grid; an empty field leaves nothing out."""

    state: GridState = GridState.OPEN
    order: GridOrder = GridOrder.SURE
    masks: str = ""  # origin of the masks, or `round:<number>`
    source: str = ""
    stratum: int | None = None
    tag: str = ""
    search: str = ""
    uncertainty_from: float | None = None
    uncertainty_to: float | None = None
    about: About = ANYTHING


@dataclass(frozen=True)
class Place:
    """Where a page ended."""

    rank: float
    specimen_id: int


@dataclass(frozen=True)
class GridTile:
    specimen_id: int
    key: str
    source: str
    crop_digest: str
    """Of the preview."""
    mask_digest: str | None
    candidate_id: int | None
    version_id: int | None
    parent_id: int | None
    origin: str | None
    score: float | None
    uncertainty: float | None
    rank: float
    taxon: str
    """Its code with what that stands for, or empty."""
    tags: tuple[str, ...] = ()


def tiles(
    session: Session, wanted: GridFilter, *, after: Place | None = None, limit: int = 500
) -> list[GridTile]:
    found = _found(wanted)
    query = select(found).order_by(found.c.rank.desc(), found.c.id).limit(limit)
    if after is not None:
        same = and_(found.c.rank == after.rank, found.c.id > after.specimen_id)
        query = query.where(or_(found.c.rank < after.rank, same))
    rows = session.execute(query).all()
    words = _words(session, [row.id for row in rows])
    titles = taxa.titles(session, {row.taxon for row in rows})
    return [
        replace(GridTile(*row), tags=tuple(words.get(row.id, ())), taxon=titles[row.taxon])
        for row in rows
    ]


def count(session: Session, wanted: GridFilter) -> int:
    return session.scalar(select(func.count()).select_from(_found(wanted))) or 0


def _found(wanted: GridFilter) -> Subquery:
    match wanted.state:
        case GridState.OPEN:
            query = _open(wanted)
        case GridState.LABELLED:
            query = _labelled(wanted)
        case GridState.HAND:
            query = _without_mask(wanted)
    return query.subquery()


def _open(wanted: GridFilter) -> Rows:
    """The highest ranked of the open candidates that are asked for, one per specimen."""
    # The second alone would do, but no index leads from a crop to its specimen.
    on_its_crop = and_(Candidate.specimen_id == Specimen.id, Candidate.crop_id == Specimen.crop_id)
    best_first = Candidate.score.desc(), Candidate.id
    place = func.row_number().over(partition_by=Candidate.specimen_id, order_by=best_first)
    asked_for = [
        *_of_masks(wanted.masks, Candidate.origin, Candidate.model_id),
        *_uncertain(wanted, Candidate.uncertainty),
    ]
    ranked = (
        select(Candidate.id, place.label("place"))
        .join(Specimen, on_its_crop)
        .where(Specimen.state == SpecimenState.PROPOSED, Candidate.rejected.is_(False), *asked_for)
        .subquery()
    )
    rank = Candidate.score if wanted.order is GridOrder.SURE else -Candidate.score
    return (
        _tiles(
            mask=Candidate.digest,
            candidate=Candidate.id,
            version=null(),
            origin=Candidate.origin,
            score=Candidate.score,
            uncertainty=Candidate.uncertainty,
            rank=rank,
        )
        .join(Candidate, on_its_crop)
        .join(ranked, ranked.c.id == Candidate.id)
        .where(ranked.c.place == 1, *_of_specimens(wanted))
    )


def _labelled(wanted: GridFilter) -> Rows:
    return (
        _tiles(
            mask=LabelVersion.digest,
            candidate=null(),
            version=LabelVersion.id,
            origin=LabelVersion.origin,
            score=null(),
            uncertainty=Specimen.uncertainty,
            rank=LabelVersion.id,
        )
        .join(LabelVersion, LabelVersion.id == Specimen.version_id)
        .where(
            Specimen.state == SpecimenState.LABELLED,
            *_of_masks(wanted.masks, LabelVersion.origin, LabelVersion.model_id),
            *_uncertain(wanted, Specimen.uncertainty),
            *_of_specimens(wanted),
        )
    )


def _without_mask(wanted: GridFilter) -> Rows:
    return _tiles(
        mask=null(),
        candidate=null(),
        version=null(),
        origin=null(),
        score=null(),
        uncertainty=Specimen.uncertainty,
        rank=-Specimen.id,
    ).where(
        Specimen.state == SpecimenState.PROPOSED,
        Specimen.open_candidates == 0,
        *_uncertain(wanted, Specimen.uncertainty),
        *_of_specimens(wanted),
    )


def _tiles(
    *,
    mask: Expression,
    candidate: Expression,
    version: Expression,
    origin: Expression,
    score: Expression,
    uncertainty: Expression,
    rank: Expression,
) -> Rows:
    """The fields of `GridTile`, in its order."""
    return (
        select(
            Specimen.id,
            Specimen.key,
            Source.code,
            Crop.preview_digest,
            mask.label("mask"),
            candidate.label("candidate_id"),
            version.label("label_id"),
            Specimen.version_id,
            origin.label("origin"),
            score.label("score"),
            uncertainty.label("uncertainty"),
            rank.label("rank"),
            Specimen.taxon,
        )
        .join(Source, Source.id == Specimen.source_id)
        .join(Crop, Crop.id == Specimen.crop_id)
    )


def _of_masks(
    masks: str,
    origin: InstrumentedAttribute[str],
    model_id: InstrumentedAttribute[int | None],
) -> list[ColumnElement[bool]]:
    if not masks:
        return []
    if masks == UPLOAD:
        return [or_(origin == UPLOAD, origin.startswith(f"{UPLOAD}:"))]
    if not masks.startswith(ROUND):
        return [origin == masks]
    number = masks.removeprefix(ROUND)
    if not number.isdecimal():
        raise Refused("“{masks}” names no round.", masks=masks)
    models = select(TrainedModel.id).join(Round, Round.id == TrainedModel.round_id)
    return [model_id.in_(models.where(Round.number == int(number)))]


def _uncertain(
    wanted: GridFilter, uncertainty: InstrumentedAttribute[float | None]
) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.uncertainty_from is not None:
        conditions.append(uncertainty >= wanted.uncertainty_from)
    if wanted.uncertainty_to is not None:
        conditions.append(uncertainty <= wanted.uncertainty_to)
    return conditions


def _of_specimens(wanted: GridFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.source:
        conditions.append(Source.code == wanted.source)
    if wanted.stratum is not None:
        conditions.append(Specimen.stratum == wanted.stratum)
    if wanted.tag:
        conditions.append(Specimen.id.in_(select(Tag.specimen_id).where(Tag.word == wanted.tag)))
    if wanted.search:
        conditions.append(Specimen.key.icontains(wanted.search, autoescape=True))
    return conditions + wanted.about.conditions()


def _words(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    words: dict[int, list[str]] = {}
    query = select(Tag.specimen_id, Tag.word).where(Tag.specimen_id.in_(ids)).order_by(Tag.word)
    for specimen_id, word in session.execute(query):
        words.setdefault(specimen_id, []).append(word)
    return words
