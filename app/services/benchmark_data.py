"""The whole benchmark as data, for other programs."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.services import benchmark_figures, benchmark_members
from app.services.benchmark_figures import Figure, OverTime
from app.services.benchmark_members import Member

HEAD = (
    *("specimen_id", "specimen", "source", "stratum", "tags"),
    *("label_version_id", "label_origin", "label_by", "human_dice", "human_boundary_f"),
    *("model_id", "round", "variant", "dice", "boundary_f"),
)


@dataclass(frozen=True)
class Measured:
    """How well a model's mask agrees with the present label of a member."""

    model_id: int
    specimen_id: int
    dice: float
    boundary_f: float


@dataclass(frozen=True)
class Data:
    members: list[Member]
    figures: list[Measured]
    human: dict[int, Figure]
    """By specimen, how well second people's masks agree with the label."""
    over_time: OverTime


def data(session: Session) -> Data:
    figures = benchmark_figures.figures(session)
    return Data(
        members=benchmark_members.members(session),
        figures=[
            Measured(model_id, specimen_id, figure.dice, figure.boundary_f)
            for (model_id, specimen_id), figure in figures.items()
        ],
        human=benchmark_figures.human(session),
        over_time=benchmark_figures.over_time(session),
    )


def csv_rows(found: Data) -> Iterator[tuple[object, ...]]:
    """A head, and one row for each member and model; what is not measured is empty."""
    yield HEAD
    figures = {(each.model_id, each.specimen_id): each for each in found.figures}
    for member in found.members:
        mine = _of_member(member, found.human.get(member.specimen_id))
        for model in found.over_time.models:
            each = figures.get((model.model_id, member.specimen_id))
            measured = (each.dice, each.boundary_f) if each is not None else ("", "")
            yield (*mine, model.model_id, model.round_number, model.variant, *measured)
        if not found.over_time.models:
            yield (*mine, *[""] * 5)


def _of_member(member: Member, human: Figure | None) -> tuple[object, ...]:
    return (
        member.specimen_id,
        member.key,
        member.source,
        "" if member.stratum is None else member.stratum,
        " ".join(member.tags),
        member.version_id or "",
        member.label_origin or "",
        member.person or "",
        *((human.dice, human.boundary_f) if human is not None else ("", "")),
    )
