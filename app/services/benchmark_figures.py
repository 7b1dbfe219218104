"""How good every model is on the benchmark, and how far two people agree on it.

The benchmark is small, some hundred specimens, and stays the same: so it is read whole, a few
columns of each row.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from statistics import fmean

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.benchmark import Agreement, SecondLabel
from app.domain.labelling import LabelVersion
from app.domain.rounds import Measurement, Round, TrainedModel
from app.domain.specimens import Specimen
from ml.metrics.intervals import Interval, bootstrap_mean


@dataclass(frozen=True)
class Figure:
    """How well a mask agrees with the present label of a member."""

    dice: float
    boundary_f: float


@dataclass(frozen=True)
class ModelFigures:
    """A model on all members on which it is measured; no interval where it is on none."""

    model_id: int
    round_number: int
    variant: str
    created_at: datetime
    n: int
    dice: Interval | None
    boundary_f: Interval | None


@dataclass(frozen=True)
class HumanFigures:
    """How well second people's masks agree with the labels: the line to reach."""

    n: int
    dice: Interval
    boundary_f: Interval


@dataclass(frozen=True)
class OverTime:
    models: list[ModelFigures]
    """Oldest first; also those that are not measured yet."""
    human: HumanFigures | None
    members: int


def over_time(session: Session) -> OverTime:
    """Every model on the benchmark as it is now, and the line to reach."""
    return summed_up(session, figures(session), human(session))


def summed_up(
    session: Session, measured: dict[tuple[int, int], Figure], by_people: dict[int, Figure]
) -> OverTime:
    """The same of what `figures` and `human` have found."""
    by_model: dict[int, list[Figure]] = defaultdict(list)
    for (model_id, _), figure in measured.items():
        by_model[model_id].append(figure)
    query = (
        select(TrainedModel.id, Round.number, TrainedModel.variant, TrainedModel.created_at)
        .join(Round, Round.id == TrainedModel.round_id)
        .order_by(TrainedModel.id)
    )
    models = [
        ModelFigures(*row, len(by_model[row[0]]), *_intervals(by_model[row[0]]))
        for row in session.execute(query).all()
    ]
    counted = select(func.count(Specimen.id)).where(Specimen.in_benchmark)
    return OverTime(models, human_figures(by_people), session.scalar(counted) or 0)


def figures(session: Session) -> dict[tuple[int, int], Figure]:
    """By model and specimen, against the present labels of the members."""
    query = (
        select(Measurement.model_id, Specimen.id, Measurement.dice, Measurement.boundary_f)
        .join(Specimen, Specimen.version_id == Measurement.version_id)
        .where(Specimen.in_benchmark)
        .order_by(Specimen.id)
    )
    return {(row[0], row[1]): Figure(row[2], row[3]) for row in session.execute(query)}


def human(session: Session) -> dict[int, Figure]:
    """By specimen: the newest second mask of each person against the label of somebody else."""
    newest = (
        select(func.max(SecondLabel.id))
        .join(Agreement, Agreement.second_label_id == SecondLabel.id)
        .join(Specimen, Specimen.version_id == Agreement.version_id)
        .join(LabelVersion, LabelVersion.id == Agreement.version_id)
        .where(Specimen.in_benchmark, LabelVersion.person_id != SecondLabel.person_id)
        .group_by(SecondLabel.specimen_id, SecondLabel.person_id)
    )
    query = (
        select(Specimen.id, Agreement.dice, Agreement.boundary_f)
        .join(Specimen, Specimen.version_id == Agreement.version_id)
        .where(Specimen.in_benchmark, Agreement.second_label_id.in_(newest))
        .order_by(Specimen.id)
    )
    found: dict[int, list[Figure]] = defaultdict(list)
    for specimen_id, dice, boundary_f in session.execute(query):
        found[specimen_id].append(Figure(dice, boundary_f))
    return {specimen_id: _mean(several) for specimen_id, several in found.items()}


def human_figures(found: dict[int, Figure]) -> HumanFigures | None:
    dice, boundary_f = _intervals(found.values())
    if dice is None or boundary_f is None:
        return None
    return HumanFigures(len(found), dice, boundary_f)


def _mean(several: Sequence[Figure]) -> Figure:
    return Figure(fmean(one.dice for one in several), fmean(one.boundary_f for one in several))


def _intervals(found: Iterable[Figure]) -> tuple[Interval | None, Interval | None]:
    several = list(found)
    if not several:
        return None, None
    return (
        interval(tuple(one.dice for one in several)),
        interval(tuple(one.boundary_f for one in several)),
    )


@lru_cache(maxsize=2048)
def interval(values: tuple[float, ...]) -> Interval:
    """The mean with its interval; figures seldom change, and resampling takes milliseconds."""
    return bootstrap_mean(values)
