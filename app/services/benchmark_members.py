"""Members of the benchmark with their labels, and what they can be narrowed by."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.domain.labelling import LabelVersion
from app.domain.people import Person
from app.domain.photographs import Source
from app.domain.specimens import Crop, Specimen, Tag
from app.domain.strata import Stratification, Stratum


@dataclass(frozen=True)
class Member:
    """A member and its label, if it has one."""

    specimen_id: int
    key: str
    source: str
    stratum: int | None
    unusable: bool
    crop_digest: str | None
    """Preview of the label's crop; where there is no label, of the present one."""
    version_id: int | None
    label_digest: str | None
    label_origin: str | None
    person: str | None
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Filters:
    """What the members can be narrowed by."""

    sources: list[str]
    strata: list[tuple[int, str]]
    tags: list[str]


def members(session: Session) -> list[Member]:
    """All members, by name."""
    label, label_crop, crop = aliased(LabelVersion), aliased(Crop), aliased(Crop)
    query = (
        select(
            Specimen.id,
            Specimen.key,
            Source.code,
            Specimen.stratum,
            Specimen.unusable,
            func.coalesce(label_crop.preview_digest, crop.preview_digest),
            label.id,
            label.digest,
            label.origin,
            Person.name,
        )
        .join(Source, Source.id == Specimen.source_id)
        .outerjoin(crop, crop.id == Specimen.crop_id)
        .outerjoin(label, label.id == Specimen.version_id)
        .outerjoin(label_crop, label_crop.id == label.crop_id)
        .outerjoin(Person, Person.id == label.person_id)
        .where(Specimen.in_benchmark)
        .order_by(Specimen.key, Specimen.id)
    )
    found = [Member(*row) for row in session.execute(query)]
    words = _tags(session, [each.specimen_id for each in found])
    return [replace(each, tags=words[each.specimen_id]) for each in found]


def filters(session: Session, everybody: Sequence[Member]) -> Filters:
    names = stratum_names(session)
    strata = {one.stratum for one in everybody if one.stratum is not None}
    return Filters(
        sources=sorted({one.source for one in everybody}),
        strata=[(number, names.get(number) or "") for number in sorted(strata)],
        tags=sorted({word for one in everybody for word in one.tags}),
    )


def stratum_names(session: Session) -> dict[int, str]:
    """By the numbers of the newest stratification, which are those that specimens have."""
    newest = select(func.max(Stratification.id)).scalar_subquery()
    query = select(Stratum.number, Stratum.name).where(Stratum.stratification_id == newest)
    return dict(session.execute(query).all())


def _tags(session: Session, specimen_ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(Tag.specimen_id, Tag.word).where(Tag.specimen_id.in_(specimen_ids))
    found: dict[int, list[str]] = defaultdict(list)
    for specimen_id, word in session.execute(query.order_by(Tag.word)):
        found[specimen_id].append(word)
    return found
