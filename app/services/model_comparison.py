"""How good trained models are on labels that they did not learn from, and which is better."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.domain.photographs import Source
from app.domain.rounds import Measurement, TrainedModel
from app.domain.specimens import Specimen, Split, Tag
from app.domain.strata import Stratification, Stratum
from app.services import models
from ml.metrics.intervals import Interval, bootstrap_mean, paired

MOST_OTHERS = 5
LEAST_PAIRS = 2
SELDOM = 0.05
"""A chance below which a difference counts as more than luck."""


@dataclass(frozen=True)
class Row:
    """A model on one group of specimens."""

    name: str
    n: int
    dice: Interval
    median_dice: float
    boundary_f: Interval
    hausdorff_95: float | None
    """Median, in pixels of the crop, of the masks that have an edge."""

    @classmethod
    def of(cls, name: str, points: Sequence["_Point"]) -> Self:
        dices = [point.dice for point in points]
        distances = [point.hausdorff_95 for point in points if point.hausdorff_95 is not None]
        return cls(
            name=name,
            n=len(points),
            dice=bootstrap_mean(dices),
            median_dice=median(dices),
            boundary_f=bootstrap_mean([point.boundary_f for point in points]),
            hausdorff_95=median(distances) if distances else None,
        )


@dataclass(frozen=True)
class Tables:
    overall: Row | None
    validation: Row | None
    """By these the best epoch was chosen, so they flatter the model a little."""
    benchmark: Row | None
    strata: list[Row]
    sources: list[Row]
    tags: list[Row]


@dataclass(frozen=True)
class Comparison:
    """This model minus another on the same labels, which neither has learned from."""

    other_id: int
    n: int
    better: int
    """Specimens on which this model's Dice is the higher."""
    worse: int
    difference: Interval
    """Of Dice."""
    p_value: float
    boundary_f: Interval
    """Difference, too."""

    @property
    def is_surely_better(self) -> bool:
        return self.difference.low > 0 and self._is_no_luck

    @property
    def is_surely_worse(self) -> bool:
        return self.difference.high < 0 and self._is_no_luck

    @property
    def _is_no_luck(self) -> bool:
        """Of few specimens the interval alone says too much: of two that agree it is narrow."""
        return self.p_value < SELDOM


@dataclass(frozen=True)
class _Point:
    """What the tables need of one measurement."""

    specimen_id: int
    source: str
    stratum: int | None
    split: Split | None
    in_benchmark: bool
    dice: float
    boundary_f: float
    hausdorff_95: float | None


def tables(session: Session, model_id: int) -> Tables:
    """Figures of a model by group; groups in which nothing was measured are not there."""
    points = _points(session, model_id)
    names, words = _stratum_names(session), tags_of(session, model_id)
    return Tables(
        overall=_row(points),
        validation=_row([point for point in points if point.split is Split.VALIDATION]),
        benchmark=_row([point for point in points if point.in_benchmark]),
        strata=_rows(points, lambda point: names.get(point.stratum, [])),
        sources=_rows(points, lambda point: [point.source]),
        tags=_rows(points, lambda point: words[point.specimen_id]),
    )


def comparisons(session: Session, model_id: int) -> list[Comparison]:
    """Against the serving model first, then against the newest others that were measured."""
    serving = models.serving(session)
    kept = models.chosen_from().with_only_columns(TrainedModel.id)
    newest = kept.order_by(TrainedModel.id.desc()).limit(MOST_OTHERS + 1)
    ids = [*([serving.id] if serving is not None else []), *session.scalars(newest)]
    others = [id_ for id_ in dict.fromkeys(ids) if id_ != model_id][:MOST_OTHERS]
    found = (compared(session, model_id, other_id) for other_id in others)
    return [comparison for comparison in found if comparison is not None]


def compared(session: Session, model_id: int, other_id: int) -> Comparison | None:
    """One model minus another; nothing if they have fewer than two labels in common."""
    other = aliased(Measurement)
    rows = session.execute(
        select(Measurement.dice, other.dice, Measurement.boundary_f, other.boundary_f)
        .join(Specimen, Specimen.version_id == Measurement.version_id)
        .join(other, other.version_id == Measurement.version_id)
        .where(Measurement.model_id == model_id, other.model_id == other_id)
        .order_by(Measurement.version_id)
    ).all()
    if len(rows) < LEAST_PAIRS:
        return None
    first, second, first_edge, second_edge = zip(*rows, strict=True)
    found = paired(first, second)
    return Comparison(
        other_id=other_id,
        n=len(rows),
        better=sum(one > two for one, two in zip(first, second, strict=True)),
        worse=sum(one < two for one, two in zip(first, second, strict=True)),
        difference=found.difference,
        p_value=found.p_value,
        boundary_f=paired(first_edge, second_edge).difference,
    )


def _points(session: Session, model_id: int) -> list[_Point]:
    query = (
        select(
            Specimen.id,
            Source.code,
            Specimen.stratum,
            Measurement.split,
            Specimen.in_benchmark,
            Measurement.dice,
            Measurement.boundary_f,
            Measurement.hausdorff_95,
        )
        .join(Source, Source.id == Specimen.source_id)
        .join(Measurement, Measurement.version_id == Specimen.version_id)
        .where(Measurement.model_id == model_id)
        .order_by(Specimen.id)
    )
    return [_Point(*row) for row in session.execute(query)]


def _stratum_names(session: Session) -> dict[int | None, list[str]]:
    """By the numbers of the newest stratification, which are those that specimens have."""
    newest = select(func.max(Stratification.id)).scalar_subquery()
    query = select(Stratum.number, Stratum.name).where(Stratum.stratification_id == newest)
    return {number: [name or str(number)] for number, name in session.execute(query)}


def tags_of(session: Session, model_id: int) -> dict[int, list[str]]:
    query = (
        select(Tag.specimen_id, Tag.word)
        .join(Specimen, Specimen.id == Tag.specimen_id)
        .join(Measurement, Measurement.version_id == Specimen.version_id)
        .where(Measurement.model_id == model_id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for specimen_id, word in session.execute(query):
        found[specimen_id].append(word)
    return found


def _rows(points: Sequence[_Point], names: Callable[[_Point], Sequence[str]]) -> list[Row]:
    groups: dict[str, list[_Point]] = defaultdict(list)
    for point in points:
        for name in names(point):
            groups[name].append(point)
    return [Row.of(name, groups[name]) for name in sorted(groups, key=place)]


def place(name: str) -> tuple[bool, int, str]:
    """Strata are in the order of their numbers, everything else by name."""
    return (False, int(name), name) if name.isdecimal() else (True, 0, name)


def _row(points: Sequence[_Point]) -> Row | None:
    return Row.of("", points) if points else None
