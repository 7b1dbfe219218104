"""Everything that the review page shows of some specimens, in few queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.domain.labelling import Candidate, LabelVersion
from app.domain.specimens import Crop, Specimen, Tag
from app.services import calibrating, queueing, taxa
from app.services.calibrating import Standing
from app.services.queueing import Reason


@dataclass(frozen=True)
class ReviewMatter:
    specimen: Specimen
    crop: Crop
    candidates: list[Candidate]
    current: LabelVersion | None
    tags: list[str]
    taxon: str
    """Its code with what that stands for; empty if no code is known."""
    why: Reason
    order: Standing | None
    """What the order of the candidates rests on, where anything was learned."""


def load(
    session: Session,
    specimens: Sequence[Specimen],
    *,
    shown: Mapping[int, Reason] = MappingProxyType({}),
) -> list[ReviewMatter]:
    """What there is to review of each specimen; those without a crop are left out.

    `shown` are reasons for which specimens are shown, other than their place in the queue.
    """
    ids = [specimen.id for specimen in specimens]
    crops = _by_id(session, Crop, [specimen.crop_id for specimen in specimens])
    versions = _versions(session, [specimen.version_id for specimen in specimens])
    standing = calibrating.standings(session, [specimen.source for specimen in specimens])
    titles = taxa.titles(session, {specimen.taxon for specimen in specimens})
    candidates, tags = _open_candidates(session, ids), _tags(session, ids)
    others = [specimen for specimen in specimens if specimen.id not in shown]
    reasons = {**queueing.reasons(session, others), **shown}
    return [
        ReviewMatter(
            specimen=specimen,
            crop=crops[specimen.crop_id],
            candidates=[
                candidate
                for candidate in candidates[specimen.id]
                if candidate.crop_id == specimen.crop_id
            ],
            current=versions.get(specimen.version_id or 0),
            tags=tags[specimen.id],
            taxon=titles[specimen.taxon],
            why=reasons[specimen.id],
            order=standing.get(specimen.source_id),
        )
        for specimen in specimens
        if specimen.crop_id in crops
    ]


def _by_id(session: Session, kind: type[Crop], ids: Sequence[int | None]) -> dict[int | None, Crop]:
    rows = session.scalars(select(kind).where(kind.id.in_([id_ for id_ in ids if id_])))
    return {row.id: row for row in rows}


def _versions(session: Session, ids: Sequence[int | None]) -> dict[int, LabelVersion]:
    known = [id_ for id_ in ids if id_]
    if not known:
        return {}
    query = select(LabelVersion).options(joinedload(LabelVersion.person))
    return {row.id: row for row in session.scalars(query.where(LabelVersion.id.in_(known)))}


def _open_candidates(session: Session, ids: Sequence[int]) -> dict[int, list[Candidate]]:
    found: dict[int, list[Candidate]] = defaultdict(list)
    rows = session.scalars(
        select(Candidate)
        .where(Candidate.specimen_id.in_(ids), Candidate.rejected.is_(False))
        .order_by(Candidate.score.desc(), Candidate.id)
    )
    for candidate in rows:
        found[candidate.specimen_id].append(candidate)
    return found


def _tags(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for tag in session.scalars(select(Tag).where(Tag.specimen_id.in_(ids)).order_by(Tag.word)):
        found[tag.specimen_id].append(tag.word)
    return found
