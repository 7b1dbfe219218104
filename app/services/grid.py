"""Specimens as small pictures for batches: one mask of each, filtered, the surest first.

Long lists come in pages by key: each row has a rank, and the next page begins after the last rank.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.domain.labelling import UPLOAD, Candidate, LabelVersion
from app.domain.photographs import Source
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Crop, Specimen, SpecimenState, Tag
from app.errors import Refused
from app.services import taxa
from app.services.counting import UpTo, up_to
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
    walk = _walk(session, wanted)
    query = walk.rows if walk.joined is None else walk.rows.join(*walk.joined)
    query = query.join(Source, Source.id == Specimen.source_id)
    query = query.join(Crop, Crop.id == Specimen.crop_id).with_only_columns(
        *(Specimen.id, Specimen.key, Source.code, Crop.preview_digest, *walk.mask),
        *(walk.rank, Specimen.taxon),
    )
    if after is not None:
        query = query.where(_behind(walk, after))
    falling = walk.rank.desc(), Specimen.id
    rising = walk.rank, Specimen.id.desc()
    query = query.order_by(*(falling if walk.is_falling else rising)).limit(limit)
    rows = session.execute(query).all()
    words = _words(session, [row.id for row in rows])
    titles = taxa.titles(session, {row.taxon for row in rows})
    return [
        replace(GridTile(*row), tags=tuple(words.get(row.id, ())), taxon=titles[row.taxon])
        for row in rows
    ]


def count(session: Session, wanted: GridFilter) -> UpTo:
    return up_to(session, _walk(session, wanted).rows)


@dataclass(frozen=True)
class _Walk:
    """Specimens in an order that an index has, so that a page costs what is on it."""

    rows: Rows
    """With nothing that a count could spare."""
    joined: tuple[type[Candidate | LabelVersion], ColumnElement[bool]] | None
    """Where the mask comes from, unless it is in the rows."""
    mask: Sequence[Expression]
    """The fields of `GridTile` from `mask_digest` to `uncertainty`."""
    rank: Expression
    is_falling: bool


def _behind(walk: _Walk, place: Place) -> ColumnElement[bool]:
    # Said so that the first half alone is a range of the index.
    rank, id_ = walk.rank, Specimen.id
    if walk.is_falling:
        return and_(rank <= place.rank, or_(rank < place.rank, id_ > place.specimen_id))
    return and_(rank >= place.rank, or_(rank > place.rank, id_ < place.specimen_id))


def _walk(session: Session, wanted: GridFilter) -> _Walk:
    specimens = select(Specimen.id).where(*_of_specimens(session, wanted))
    match wanted.state:
        case GridState.OPEN:
            return _open(wanted, specimens)
        case GridState.LABELLED:
            return _labelled(wanted, specimens)
        case GridState.HAND:
            return _without_mask(wanted, specimens)


def _open(wanted: GridFilter, specimens: Rows) -> _Walk:
    """The highest ranked of the open candidates that are asked for, one per specimen."""
    specimens = specimens.where(Specimen.state == SpecimenState.PROPOSED)
    rank: Expression = Candidate.score if wanted.masks else Specimen.best_score
    if wanted.masks:
        rows, joined = _with_masks(specimens, wanted), None
    else:
        rows = specimens.where(rank.is_not(None), *_uncertain(wanted, Specimen.uncertainty))
        joined = Candidate, Candidate.id == Specimen.best_candidate_id
    return _Walk(
        rows,
        joined,
        mask=(
            Candidate.digest,
            Candidate.id.label("candidate_id"),
            null().label("label_id"),
            Specimen.version_id,
            Candidate.origin,
            Candidate.score,
            Candidate.uncertainty,
        ),
        rank=rank,
        is_falling=wanted.order is GridOrder.SURE,
    )


def _with_masks(specimens: Rows, wanted: GridFilter) -> Rows:
    # The second alone would do, but no index leads from a crop to its specimen.
    on_its_crop = and_(Candidate.specimen_id == Specimen.id, Candidate.crop_id == Specimen.crop_id)
    asked_for = [
        Candidate.rejected.is_(False),
        *_of_masks(wanted.masks, Candidate.origin, Candidate.model_id),
        *_uncertain(wanted, Candidate.uncertainty),
    ]
    if not _can_be_several(wanted.masks):
        return specimens.join(Candidate, on_its_crop).where(*asked_for)
    best_first = Candidate.score.desc(), Candidate.id
    place = func.row_number().over(partition_by=Candidate.specimen_id, order_by=best_first)
    ranked = (
        select(Candidate.id, place.label("place"))
        .join(Specimen, on_its_crop)
        .where(Specimen.state == SpecimenState.PROPOSED, *asked_for)
        .subquery()
    )
    best = specimens.join(Candidate, on_its_crop).join(ranked, ranked.c.id == Candidate.id)
    return best.where(ranked.c.place == 1)


def _can_be_several(masks: str) -> bool:
    """Whether a crop can have more than one of these."""
    return masks == UPLOAD or masks.startswith(ROUND)


def _labelled(wanted: GridFilter, specimens: Rows) -> _Walk:
    rows = specimens.where(
        Specimen.state == SpecimenState.LABELLED, *_uncertain(wanted, Specimen.uncertainty)
    )
    of_masks = _of_masks(wanted.masks, LabelVersion.origin, LabelVersion.model_id)
    if of_masks:
        rows = rows.where(Specimen.version_id.in_(select(LabelVersion.id).where(*of_masks)))
    return _Walk(
        rows,
        (LabelVersion, LabelVersion.id == Specimen.version_id),
        mask=(
            LabelVersion.digest,
            null().label("candidate_id"),
            LabelVersion.id.label("label_id"),
            Specimen.version_id,
            LabelVersion.origin,
            null().label("score"),
            Specimen.uncertainty,
        ),
        rank=Specimen.version_id,
        is_falling=True,
    )


def _without_mask(wanted: GridFilter, specimens: Rows) -> _Walk:
    rows = specimens.where(
        Specimen.state == SpecimenState.PROPOSED,
        Specimen.open_candidates == 0,
        *_uncertain(wanted, Specimen.uncertainty),
    )
    nothing = [null().label(name) for name in ("mask", "candidate_id", "label_id")]
    return _Walk(
        rows,
        None,
        mask=(
            *nothing,
            Specimen.version_id,
            null().label("origin"),
            null().label("score"),
            Specimen.uncertainty,
        ),
        rank=Specimen.id,
        is_falling=False,
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


def _of_specimens(session: Session, wanted: GridFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.source:
        of_source = select(Source.id).where(Source.code == wanted.source)
        conditions.append(Specimen.source_id == of_source.scalar_subquery())
    if wanted.stratum is not None:
        conditions.append(Specimen.stratum == wanted.stratum)
    if wanted.tag:
        conditions.append(Specimen.id.in_(select(Tag.specimen_id).where(Tag.word == wanted.tag)))
    if wanted.search:
        conditions.append(Specimen.key.icontains(wanted.search, autoescape=True))
    return conditions + wanted.about.conditions(session)


def _words(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    words: dict[int, list[str]] = {}
    query = select(Tag.specimen_id, Tag.word).where(Tag.specimen_id.in_(ids)).order_by(Tag.word)
    for specimen_id, word in session.execute(query):
        words.setdefault(specimen_id, []).append(word)
    return words
