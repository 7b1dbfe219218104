"""What a model does better or worse than another, group by group and specimen by specimen."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from app.domain.labelling import Candidate, LabelVersion
from app.domain.photographs import Source
from app.domain.rounds import Measurement, Promotion, TrainedModel
from app.domain.specimens import Crop, Specimen
from app.services import benchmark_members, models
from app.services.model_comparison import SELDOM, place, tags_of
from app.services.predictions import origin_of
from ml.metrics.intervals import Interval, paired

SHOWN = 6
"""Specimens of each kind."""
LEAST_OF_GROUP = 2


@dataclass(frozen=True)
class GroupChange:
    """Two models on one group of specimens."""

    kind: str
    """`all`, `benchmark`, `source`, `stratum` or `tag`."""
    name: str
    n: int
    before: float
    """Mean Dice of the other model."""
    after: float
    difference: Interval
    boundary_f: Interval
    """Difference, too."""
    p_value: float

    @property
    def is_sure(self) -> bool:
        """More than luck, better or worse."""
        outside = self.difference.low > 0 or self.difference.high < 0
        return outside and self.p_value < SELDOM


@dataclass(frozen=True)
class SpecimenChange:
    """Two models on one specimen, as pictures."""

    specimen_id: int
    key: str
    crop_digest: str
    before_digest: str
    after_digest: str
    before: float
    after: float


@dataclass(frozen=True)
class Changes:
    model: TrainedModel
    other: TrainedModel
    other_serves: bool
    groups: list[GroupChange]
    better: list[SpecimenChange]
    worse: list[SpecimenChange]


@dataclass(frozen=True)
class _Pair:
    specimen_id: int
    source: str
    stratum: int | None
    in_benchmark: bool
    before: float
    after: float
    edge_before: float
    edge_after: float


def changes(session: Session, model: TrainedModel, other_id: int | None = None) -> Changes | None:
    """Against another model, by itself the one that serves, or served before this one.

    Nothing where there is no other, or where they were not measured on the same labels.
    """
    other = other_of(session, model) if other_id is None else session.get(TrainedModel, other_id)
    if other is None:
        return None
    pairs = _pairs(session, model.id, other.id)
    if not pairs:
        return None
    serving = models.serving(session)
    return Changes(
        model=model,
        other=other,
        other_serves=serving is not None and serving.id == other.id,
        groups=_groups(session, model.id, pairs),
        better=_gallery(session, model.id, other.id, better=True),
        worse=_gallery(session, model.id, other.id, better=False),
    )


def other_of(session: Session, model: TrainedModel) -> TrainedModel | None:
    """The serving model; for that one itself, the one before it."""
    serving = models.serving(session)
    if serving is not None and serving.id != model.id:
        return serving
    replaced = select(Promotion.before_id).where(Promotion.model_id == model.id)
    before = session.scalar(replaced.order_by(Promotion.id.desc()).limit(1))
    earlier = models.chosen_from().where(TrainedModel.id < model.id)
    if before is not None:
        return session.get(TrainedModel, before)
    return session.scalar(earlier.order_by(TrainedModel.id.desc()).limit(1))


def _pairs(session: Session, model_id: int, other_id: int) -> list[_Pair]:
    mine, other = aliased(Measurement), aliased(Measurement)
    query = (
        select(
            Specimen.id,
            Source.code,
            Specimen.stratum,
            Specimen.in_benchmark,
            other.dice,
            mine.dice,
            other.boundary_f,
            mine.boundary_f,
        )
        .join(Source, Source.id == Specimen.source_id)
        .join(mine, mine.version_id == Specimen.version_id)
        .join(other, other.version_id == Specimen.version_id)
        .where(mine.model_id == model_id, other.model_id == other_id)
        .order_by(Specimen.id)
    )
    return [_Pair(*row) for row in session.execute(query)]


def _groups(session: Session, model_id: int, pairs: Sequence[_Pair]) -> list[GroupChange]:
    strata = benchmark_members.stratum_names(session)
    words = tags_of(session, model_id)
    kinds: list[tuple[str, Callable[[_Pair], list[str]]]] = [
        ("all", lambda _pair: [""]),
        ("benchmark", lambda pair: [""] if pair.in_benchmark else []),
        ("source", lambda pair: [pair.source]),
        ("stratum", lambda pair: _named(strata, pair.stratum)),
        ("tag", lambda pair: words[pair.specimen_id]),
    ]
    return [row for kind, names in kinds for row in _of_kind(kind, names, pairs)]


def _named(names: dict[int, str], number: int | None) -> list[str]:
    return [] if number is None else [names.get(number) or str(number)]


def _of_kind(
    kind: str, names: Callable[[_Pair], list[str]], pairs: Sequence[_Pair]
) -> list[GroupChange]:
    groups = defaultdict[str, list[_Pair]](list)
    for pair in pairs:
        for name in names(pair):
            groups[name].append(pair)
    return [
        _change(kind, name, groups[name])
        for name in sorted(groups, key=place)
        if len(groups[name]) >= LEAST_OF_GROUP
    ]


def _change(kind: str, name: str, pairs: Sequence[_Pair]) -> GroupChange:
    after, before = [pair.after for pair in pairs], [pair.before for pair in pairs]
    found = paired(after, before)
    edge = paired([pair.edge_after for pair in pairs], [pair.edge_before for pair in pairs])
    return GroupChange(
        kind=kind,
        name=name,
        n=len(pairs),
        before=sum(before) / len(before),
        after=sum(after) / len(after),
        difference=found.difference,
        boundary_f=edge.difference,
        p_value=found.p_value,
    )


def _gallery(
    session: Session, model_id: int, other_id: int, *, better: bool
) -> list[SpecimenChange]:
    """The specimens that changed most to the better, or to the worse."""
    mine, other = aliased(Measurement), aliased(Measurement)
    now_, then = aliased(Candidate), aliased(Candidate)
    gained = mine.dice - other.dice if better else other.dice - mine.dice
    query = (
        select(
            Specimen.id,
            Specimen.key,
            Crop.preview_digest,
            then.digest,
            now_.digest,
            other.dice,
            mine.dice,
        )
        .join(LabelVersion, LabelVersion.id == Specimen.version_id)
        .join(Crop, Crop.id == LabelVersion.crop_id)
        .join(mine, mine.version_id == LabelVersion.id)
        .join(other, other.version_id == LabelVersion.id)
        .join(now_, _of(now_, model_id))
        .join(then, _of(then, other_id))
        .where(mine.model_id == model_id, other.model_id == other_id, gained > 0)
    )
    most = query.order_by(gained.desc(), Specimen.id).limit(SHOWN)
    return [SpecimenChange(*row) for row in session.execute(most)]


def _of(candidate: type[Candidate], model_id: int) -> ColumnElement[bool]:
    mine = (candidate.specimen_id == Specimen.id) & (candidate.crop_id == LabelVersion.crop_id)
    return mine & (candidate.origin == origin_of(model_id))
