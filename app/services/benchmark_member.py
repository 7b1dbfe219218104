"""One member of the benchmark: its label, every model's mask of it, and two of these compared."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.labelling import Candidate, LabelVersion
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Crop
from app.errors import NotFound
from app.services import benchmark_figures, benchmark_members, comparing, models
from app.services.benchmark import get_member
from app.services.benchmark_figures import Figure
from app.services.benchmark_members import Member
from app.services.comparing import Pair
from app.services.predictions import origin_of


@dataclass(frozen=True)
class ModelMask:
    """What a model made of the member, on the crop of the label."""

    model_id: int
    round_number: int
    candidate_id: int
    digest: str
    figure: Figure | None

    @property
    def name(self) -> str:
        """As `comparing` has it."""
        return f"candidate-{self.candidate_id}"


@dataclass(frozen=True)
class MemberMasks:
    member: Member
    crop: Crop | None
    human: Figure | None
    models: list[ModelMask]
    """The newest first."""
    shown: ModelMask | None
    against: ModelMask | None
    """None: it is compared with the label."""
    pair: Pair | None
    before: int | None
    after: int | None
    """The members beside it, by name."""

    @property
    def old_name(self) -> str:
        return (
            self.against.name if self.against is not None else f"version-{self.member.version_id}"
        )


def masks(
    session: Session, specimen_id: int, model_id: int | None, against_id: int | None
) -> MemberMasks:
    """The mask of a model, if none is named that of the served one, beside the label or another's.

    Raises:
        NotFound: it is no member, or a model that is named has no mask of it.
    """
    get_member(session, specimen_id)
    everybody = benchmark_members.members(session)
    place = next(n for n, each in enumerate(everybody) if each.specimen_id == specimen_id)
    member = everybody[place]
    label = session.get(LabelVersion, member.version_id or 0)
    found = _model_masks(session, label) if label is not None else []
    shown = _named(found, model_id) if model_id is not None else _usual(session, found)
    against = _named(found, against_id) if against_id is not None else None
    old = against.name if against is not None else f"version-{member.version_id}"
    return MemberMasks(
        member=member,
        crop=session.get(Crop, label.crop_id) if label is not None else None,
        human=benchmark_figures.human(session).get(specimen_id),
        models=found,
        shown=shown,
        against=against,
        pair=comparing.find(session, old, shown.name) if shown is not None else None,
        before=everybody[place - 1].specimen_id if place else None,
        after=everybody[place + 1].specimen_id if place + 1 < len(everybody) else None,
    )


def _model_masks(session: Session, label: LabelVersion) -> list[ModelMask]:
    figures = {
        model_id: figure
        for (model_id, specimen_id), figure in benchmark_figures.figures(session).items()
        if specimen_id == label.specimen_id
    }
    query = (
        select(Candidate, TrainedModel.id, Round.number)
        .join(TrainedModel, TrainedModel.id == Candidate.model_id)
        .join(Round, Round.id == TrainedModel.round_id)
        .where(Candidate.crop_id == label.crop_id)
        .order_by(TrainedModel.id.desc())
    )
    return [
        ModelMask(model_id, number, candidate.id, candidate.digest, figures.get(model_id))
        for candidate, model_id, number in session.execute(query)
        if candidate.origin == origin_of(model_id)
    ]


def _named(found: list[ModelMask], model_id: int) -> ModelMask:
    for each in found:
        if each.model_id == model_id:
            return each
    raise NotFound("Model {number} has no mask of this specimen.", number=model_id)


def _usual(session: Session, found: list[ModelMask]) -> ModelMask | None:
    serving = models.serving(session)
    served = [each for each in found if serving is not None and each.model_id == serving.id]
    return next(iter([*served, *found]), None)
