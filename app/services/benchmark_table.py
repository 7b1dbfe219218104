"""The benchmark as a table: members by models, filtered, sorted, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.domain.labelling import Candidate, LabelVersion
from app.domain.specimens import Specimen
from app.services import benchmark_figures, models
from app.services.benchmark_figures import Figure, ModelFigures, OverTime
from app.services.benchmark_members import Filters, Member, filters, members
from app.services.predictions import origin_of

PAGE = 25
MOST_MODELS = 20


class Sort(StrEnum):
    WORST = "worst"
    """What the served model does worst."""
    CHANGE = "change"
    """What the newest model does worse than the served one; else than the one before it."""
    NAME = "name"


@dataclass(frozen=True)
class Wanted:
    """Which members, in which order; what is empty does not matter."""

    sort: Sort = Sort.WORST
    source: str = ""
    stratum: int | None = None
    tag: str = ""
    page: int = 1


@dataclass(frozen=True)
class Cell:
    """A model on a member."""

    digest: str | None
    """Of its mask, if it has one of the label's crop."""
    figure: Figure | None
    is_own: bool
    """The label is the model's own mask, so it says nothing of the model."""


@dataclass(frozen=True)
class Row:
    member: Member
    cells: list[Cell]
    change: float | None
    human: Figure | None


@dataclass(frozen=True)
class BenchmarkTable:
    wanted: Wanted
    rows: list[Row]
    models: list[ModelFigures]
    """The newest first, and the served one among them."""
    hidden_models: int
    time: OverTime
    serving_id: int | None
    change: tuple[int, int] | None
    """The models whose difference is the change: the newer, and the one before."""
    filters: Filters
    members: int
    found: int
    """How many the filters leave."""
    unlabelled: list[Member]
    stale: int
    """Masks of models that could be measured and are not yet."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE))


def table(session: Session, wanted: Wanted = Wanted()) -> BenchmarkTable:
    everybody, measured = members(session), benchmark_figures.figures(session)
    human, served = benchmark_figures.human(session), models.serving(session)
    time = benchmark_figures.summed_up(session, measured, human)
    serving_id = served.id if served is not None else None
    columns = _columns(time.models, serving_id)
    change = _changed([model.model_id for model in reversed(time.models)], serving_id)
    labelled = [one for one in everybody if one.version_id is not None and not one.unusable]
    meant = [one for one in labelled if _fits(one, wanted)]
    reference = serving_id if any(key[0] == serving_id for key in measured) else None
    if reference is None and columns:
        reference = columns[0].model_id
    ordered = _sorted(meant, wanted.sort, measured, reference, change)
    first = (max(1, wanted.page) - 1) * PAGE
    own = _own_masks(session, [one.specimen_id for one in labelled])
    return BenchmarkTable(
        wanted=wanted,
        rows=_rows(session, ordered[first : first + PAGE], columns, measured, own, human, change),
        models=columns,
        hidden_models=len(time.models) - len(columns),
        time=time,
        serving_id=serving_id,
        change=change,
        filters=filters(session, everybody),
        members=len(everybody),
        found=len(meant),
        unlabelled=[one for one in everybody if one.version_id is None or one.unusable],
        stale=len(labelled) * len(time.models) - len(measured) - len(own - measured.keys()),
    )


def _columns(models: Sequence[ModelFigures], serving_id: int | None) -> list[ModelFigures]:
    newest = list(reversed(models))
    shown = newest[:MOST_MODELS]
    served = [model for model in newest[MOST_MODELS:] if model.model_id == serving_id]
    return [*shown[: MOST_MODELS - len(served)], *served]


def _changed(newest: Sequence[int], serving_id: int | None) -> tuple[int, int] | None:
    if not newest or serving_id is None:
        return None
    if newest[0] != serving_id:
        return newest[0], serving_id
    return (newest[0], newest[1]) if len(newest) > 1 else None


def _fits(member: Member, wanted: Wanted) -> bool:
    return (
        wanted.source in ("", member.source)
        and wanted.stratum in (None, member.stratum)
        and (not wanted.tag or wanted.tag in member.tags)
    )


def _sorted(
    meant: Sequence[Member],
    sort: Sort,
    measured: dict[tuple[int, int], Figure],
    reference: int | None,
    change: tuple[int, int] | None,
) -> list[Member]:
    """What has no figure comes last, and else by name."""

    def dice(member: Member) -> float:
        found = measured.get((reference or 0, member.specimen_id))
        return found.dice if found is not None else inf

    def changed(member: Member) -> float:
        found = _change(member, measured, change)
        return found if found is not None else inf

    match sort:
        case Sort.WORST:
            return sorted(meant, key=dice)
        case Sort.CHANGE:
            return sorted(meant, key=changed)
        case Sort.NAME:
            return list(meant)


def _change(
    member: Member, measured: dict[tuple[int, int], Figure], change: tuple[int, int] | None
) -> float | None:
    if change is None:
        return None
    pair = [measured.get((model_id, member.specimen_id)) for model_id in change]
    newer, before = pair
    return newer.dice - before.dice if newer is not None and before is not None else None


def _rows(
    session: Session,
    shown: Sequence[Member],
    models: Sequence[ModelFigures],
    measured: dict[tuple[int, int], Figure],
    own: set[tuple[int, int]],
    human: dict[int, Figure],
    change: tuple[int, int] | None,
) -> list[Row]:
    masks = _masks(session, shown, models)
    return [
        Row(
            member=member,
            cells=[
                Cell(masks.get(key), measured.get(key), key in own)
                for key in ((model.model_id, member.specimen_id) for model in models)
            ],
            change=_change(member, measured, change),
            human=human.get(member.specimen_id),
        )
        for member in shown
    ]


def _masks(
    session: Session, shown: Sequence[Member], models: Sequence[ModelFigures]
) -> dict[tuple[int, int], str]:
    """Digests of the models' masks on the crops of the labels."""
    origins = {origin_of(model.model_id): model.model_id for model in models}
    query = (
        select(Candidate.origin, Candidate.specimen_id, Candidate.digest)
        .join(LabelVersion, LabelVersion.crop_id == Candidate.crop_id)
        .where(
            LabelVersion.id.in_([member.version_id for member in shown]),
            Candidate.origin.in_(list(origins)),
        )
    )
    return {(origins[row[0]], row[1]): row[2] for row in session.execute(query)}


def _own_masks(session: Session, specimen_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Models and members whose label is a mask of the model, by itself or with others.

    For all models at once, as `measuring` has it for one.
    """
    accepted = aliased(LabelVersion)
    query = (
        select(accepted.specimen_id, accepted.model_id, accepted.origin)
        .join(LabelVersion, LabelVersion.digest == accepted.digest)
        .join(Specimen, Specimen.version_id == LabelVersion.id)
        .where(accepted.specimen_id == Specimen.id, Specimen.id.in_(specimen_ids))
    )
    found: set[tuple[int, int]] = set()
    for specimen_id, model_id, origin in session.execute(query):
        together = origin.partition("models:")[2].split("+")
        found |= {(int(number), specimen_id) for number in together if number}
        if model_id is not None:
            found.add((model_id, specimen_id))
    return found
