"""Proposing specimens for the benchmark: a quota per stratum, the hard ones first.

Hard is what models are unsure of or disagree on, what was often rejected, and what people have
tagged. Only specimens that no round has learned from are proposed. Nothing joins by itself: the
proposal is shown, and a person decides.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from app.domain.benchmark import TAG
from app.domain.labelling import LabelVersion
from app.domain.photographs import Source
from app.domain.rounds import RoundLabel
from app.domain.specimens import Crop, Specimen, Tag
from app.errors import Refused
from app.services.browsing import best_mask

MOST = 200
MANY_REJECTIONS = 4
"""So many rejected masks make a specimen as hard as it gets."""
HARD_TAG = 0.5


@dataclass(frozen=True)
class Proposal:
    """A specimen that could join, and why it is thought hard."""

    specimen_id: int
    key: str
    source: str
    stratum: int | None
    is_labelled: bool
    uncertainty: float | None
    disagreement: float | None
    rejected: int
    tags: int
    crop_digest: str | None
    mask_digest: str | None

    @property
    def hardness(self) -> float:
        """0…1: the strongest of the four reasons."""
        return max(
            self.uncertainty or 0.0,
            self.disagreement or 0.0,
            min(1.0, self.rejected / MANY_REJECTIONS),
            HARD_TAG if self.tags else 0.0,
        )


def propose(session: Session, count: int) -> list[Proposal]:
    """At most so many specimens, so that the benchmark has as many of each stratum as can be.

    Raises:
        Refused: the number makes no sense.
    """
    if not 1 <= count <= MOST:
        raise Refused("Ask for 1 to {most} specimens at once.", most=MOST)
    per_stratum: dict[int | None, list[int]] = defaultdict(list)
    for specimen_id, stratum in session.execute(_hardest(count)):
        per_stratum[stratum].append(specimen_id)
    chosen = _quota(per_stratum, _members_per_stratum(session), count)
    return sorted(_described(session, chosen), key=lambda each: -each.hardness)


def _quota(
    per_stratum: dict[int | None, list[int]], members: Counter[int | None], count: int
) -> list[int]:
    """From where the benchmark has fewest, as long as there are any left."""
    totals, chosen = Counter(members), list[int]()
    left = {stratum: list(ids) for stratum, ids in per_stratum.items() if ids}
    while left and len(chosen) < count:
        poorest = min(left, key=lambda stratum: (totals[stratum], stratum is None, stratum or 0))
        chosen.append(left[poorest].pop(0))
        totals[poorest] += 1
        if not left[poorest]:
            del left[poorest]
    return chosen


def _hardest(count: int) -> Select[int, int | None]:
    """Numbers and strata of the hardest of each stratum, the hardest first."""
    place = (
        func.row_number()
        .over(partition_by=Specimen.stratum, order_by=(_hardness().desc(), Specimen.id))
        .label("place")
    )
    learned = select(RoundLabel.specimen_id).where(RoundLabel.specimen_id == Specimen.id)
    ranked = (
        select(Specimen.id, Specimen.stratum, place)
        .where(
            Specimen.in_benchmark.is_(False),
            Specimen.unusable.is_(False),
            Specimen.crop_id.is_not(None),
            ~learned.exists(),
        )
        .subquery()
    )
    query = select(ranked.c.id, ranked.c.stratum).where(ranked.c.place <= count)
    return query.order_by(ranked.c.place, ranked.c.id)


def _hardness() -> ColumnElement[float]:
    """As `Proposal.hardness`, for the order."""
    unsure = func.coalesce(Specimen.uncertainty, 0.0)
    disputed = func.coalesce(Specimen.disagreement, 0.0)
    tagged = select(Tag.word).where(Tag.specimen_id == Specimen.id, Tag.word != TAG).exists()
    by_tag = case((tagged, HARD_TAG), else_=0.0)
    by_rejections = case(
        (_rejected() >= MANY_REJECTIONS, 1.0), else_=_rejected() * (1.0 / MANY_REJECTIONS)
    )
    return _greatest(unsure, disputed, by_tag, by_rejections)


def _rejected() -> ColumnElement[int]:
    return Specimen.candidates - Specimen.open_candidates


def _greatest(*values: ColumnElement[float]) -> ColumnElement[float]:
    """PostgreSQL and SQLite call it differently."""
    highest, *others = values
    for other in others:
        highest = case((highest >= other, highest), else_=other)
    return highest


def _members_per_stratum(session: Session) -> Counter[int | None]:
    query = select(Specimen.stratum, func.count()).where(Specimen.in_benchmark)
    return Counter(dict(session.execute(query.group_by(Specimen.stratum)).all()))


def _described(session: Session, ids: Sequence[int]) -> Iterable[Proposal]:
    crop, label = aliased(Crop), aliased(LabelVersion)
    tags = (
        select(func.count())
        .select_from(Tag)
        .where(Tag.specimen_id == Specimen.id, Tag.word != TAG)
        .scalar_subquery()
    )
    query = (
        select(
            Specimen.id,
            Specimen.key,
            Source.code,
            Specimen.stratum,
            Specimen.version_id.is_not(None),
            Specimen.uncertainty,
            Specimen.disagreement,
            _rejected(),
            tags,
            crop.preview_digest,
            func.coalesce(label.digest, best_mask().scalar_subquery()),
        )
        .join(Source, Source.id == Specimen.source_id)
        .outerjoin(label, label.id == Specimen.version_id)
        .outerjoin(crop, crop.id == func.coalesce(label.crop_id, Specimen.crop_id))
        .where(Specimen.id.in_(ids))
    )
    return [Proposal(*row) for row in session.execute(query)]
