"""Which boxes a person should look at: one after the other, and many at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from app.domain.labelling import Draft
from app.domain.people import Person
from app.domain.photographs import Photograph, Source
from app.domain.specimens import Crop, CropWarning, Specimen, SpecimenState
from app.services import taxa
from app.services.counting import of_collection

DOUBTFUL = 0.3
"""Doubt from which a box is shown to whoever goes through the uncertain ones."""
PAGE = 60
MOST_BESIDE = 200
STREAMED = 500


class Look(StrEnum):
    """Which boxes are meant."""

    DOUBTFUL = "doubtful"
    UNCHECKED = "unchecked"
    UNSURE = "unsure"
    TOUCHES_BORDER = "touches-border"
    ASPECT = "aspect"
    RULER_OR_CARD = "ruler-or-card"
    NOTHING_FOUND = "nothing-found"
    ALL = "all"


WARNINGS = {
    Look.UNSURE: CropWarning.UNSURE,
    Look.TOUCHES_BORDER: CropWarning.TOUCHES_BORDER,
    Look.ASPECT: CropWarning.ASPECT,
    Look.RULER_OR_CARD: CropWarning.RULER_OR_CARD,
}


@dataclass(frozen=True)
class Mark:
    """A place in an order by a value and then by number; what follows comes next."""

    value: float
    specimen_id: int


@dataclass(frozen=True)
class Beside:
    """Another specimen on the same photograph."""

    specimen_id: int
    key: str
    crop: Crop


@dataclass(frozen=True)
class BoxMatter:
    """All that the page needs to show a box."""

    specimen: Specimen
    photograph: Photograph
    source: Source
    crop: Crop | None
    beside: Sequence[Beside]
    taxon: str
    """Its code with what that stands for, or empty."""
    drafts: Sequence[str]
    """Names of the people who have unfinished hand work on it."""


@dataclass(frozen=True)
class BoxTile:
    specimen_id: int
    key: str
    checked: bool
    value: float
    """Confidence; what nothing was found of comes first, what people drew last."""
    crop: Crop | None
    photograph_id: int
    taxon: str


def doubtful(session: Session) -> int:
    """How many boxes need a look."""
    return count(session, Look.DOUBTFUL)


def count(session: Session, look: Look, source: str = "") -> int:
    """Of a large collection, as it was some seconds ago."""
    counted = _walked(look, source).with_only_columns(func.count(Specimen.id))
    if look in WARNINGS:
        # Text in both databases; a warning's word stands in quotation marks.
        warned = cast(Crop.warnings, String).contains(f'"{WARNINGS[look]}"')
        counted = counted.join(Crop, Crop.id == Specimen.crop_id).where(warned)
    return of_collection(session, f"boxes: {look} {source}", lambda: session.scalar(counted) or 0)


def next_boxes(
    session: Session,
    look: Look = Look.DOUBTFUL,
    *,
    source: str = "",
    after: Mark | None = None,
    exclude: Collection[int] = (),
    limit: int = 6,
) -> list[BoxMatter]:
    """Those that most need a look come first."""
    query = _walked(look, source).where(Specimen.id.not_in(exclude))
    if after is not None:
        behind = or_(Specimen.box_doubt < after.value, Specimen.id < after.specimen_id)
        query = query.where(Specimen.box_doubt <= after.value, behind)
    return load(session, _first(session, query, look, Specimen.box_doubt, limit, is_falling=True))


def load(session: Session, ids: Sequence[int]) -> list[BoxMatter]:
    """What the page needs of some specimens, in few queries."""
    query = (
        select(Specimen)
        .options(
            joinedload(Specimen.photograph), joinedload(Specimen.source), joinedload(Specimen.crop)
        )
        .where(Specimen.id.in_(ids))
        .execution_options(populate_existing=True)
    )
    loaded = {each.id: each for each in session.scalars(query)}
    beside = _beside(session, {each.photograph_id for each in loaded.values()})
    titles = taxa.titles(session, {each.taxon for each in loaded.values()})
    drafts = _drafts(session, ids)
    return [
        BoxMatter(
            specimen=each,
            photograph=each.photograph,
            source=each.source,
            crop=each.crop,
            beside=[other for other in beside[each.photograph_id] if other.specimen_id != each.id],
            taxon=titles[each.taxon],
            drafts=drafts[each.id],
        )
        for each in (loaded[id_] for id_ in ids)
    ]


def tiles(
    session: Session, look: Look, *, source: str = "", after: Mark | None = None
) -> list[BoxTile]:
    """At most PAGE boxes, those of least confidence first."""
    value = Specimen.box_confidence
    query = _walked(look, source)
    if after is not None:
        behind = or_(value > after.value, Specimen.id > after.specimen_id)
        query = query.where(value >= after.value, behind)
    # First the numbers, which an index has: rows with all that a tile needs are slow to sort.
    ids = _first(session, query, look, value, PAGE, is_falling=False)
    meant = select(Specimen).where(Specimen.id.in_(ids))
    found = session.scalars(
        meant.options(joinedload(Specimen.crop)).order_by(value, Specimen.id)
    ).all()
    titles = taxa.titles(session, {each.taxon for each in found})
    return [
        BoxTile(
            specimen_id=each.id,
            key=each.key,
            checked=each.box_checked,
            value=each.box_confidence,
            crop=each.crop,
            photograph_id=each.photograph_id,
            taxon=titles[each.taxon],
        )
        for each in found
    ]


def _first(
    session: Session,
    rows: Select[int],
    look: Look,
    value: InstrumentedAttribute[float],
    limit: int,
    *,
    is_falling: bool,
) -> list[int]:
    """The first of these rows in the order of an index, read from it alone."""
    order = (value.desc(), Specimen.id.desc()) if is_falling else (value, Specimen.id)
    rows = rows.order_by(*order)
    if look in WARNINGS:
        # No index has the words, and a database does not guess how many have which.
        warned = rows.add_columns(Crop.warnings).join(Crop, Crop.id == Specimen.crop_id)
        with session.execute(warned, execution_options={"yield_per": STREAMED}) as streamed:
            meant = (id_ for id_, warnings in streamed if WARNINGS[look] in warnings)
            return list(islice(meant, limit))
    if look is not Look.ALL:
        return list(session.scalars(rows.limit(limit)))
    # In the index, those that were checked stand apart.
    both = [
        (value_, id_)
        for is_checked in (False, True)
        for id_, value_ in session.execute(
            rows.add_columns(value).where(Specimen.box_checked.is_(is_checked)).limit(limit)
        )
    ]
    return [id_ for _, id_ in sorted(both, reverse=is_falling)[:limit]]


def _walked(look: Look, source: str) -> Select[int]:
    """Those that are meant, but for the words of warnings."""
    rows = select(Specimen.id).where(_condition(look))
    return rows.where(_of_source(source)) if source else rows


def _of_source(code: str) -> ColumnElement[bool]:
    return Specimen.source_id == select(Source.id).where(Source.code == code).scalar_subquery()


def _condition(look: Look) -> ColumnElement[bool]:
    usable = Specimen.state != SpecimenState.UNUSABLE
    unchecked = and_(usable, Specimen.box_checked.is_(False))
    match look:
        case Look.DOUBTFUL:
            return and_(unchecked, Specimen.box_doubt >= DOUBTFUL)
        case Look.UNCHECKED:
            return and_(unchecked, Specimen.state != SpecimenState.IMPORTED)
        case Look.NOTHING_FOUND:
            return and_(unchecked, Specimen.state == SpecimenState.UNCROPPED)
        case Look.ALL:
            return usable
        case _:
            return and_(unchecked, Specimen.box_warned.is_(True))


def _beside(session: Session, photograph_ids: Collection[int]) -> dict[int, list[Beside]]:
    query = (
        select(Specimen.photograph_id, Specimen.id, Specimen.key, Crop)
        .join(Crop, Crop.id == Specimen.crop_id)
        .where(Specimen.photograph_id.in_(photograph_ids))
        .order_by(Specimen.id)
        .limit(MOST_BESIDE * len(photograph_ids))
    )
    found: dict[int, list[Beside]] = defaultdict(list)
    for photograph_id, specimen_id, key, crop in session.execute(query):
        found[photograph_id].append(Beside(specimen_id, key, crop))
    return found


def _drafts(session: Session, specimen_ids: Collection[int]) -> dict[int, list[str]]:
    query = (
        select(Draft.specimen_id, Person.name)
        .join(Person, Person.id == Draft.person_id)
        .where(Draft.specimen_id.in_(specimen_ids))
        .order_by(Person.name)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for specimen_id, name in session.execute(query):
        found[specimen_id].append(name)
    return found
