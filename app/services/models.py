"""Trained models: which one serves, which were discarded, and how that came about."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from app.db import now
from app.domain.people import Person
from app.domain.rounds import Promotion, TrainedModel
from app.domain.steering import ModelVerdict, VerdictKind
from app.errors import Conflict
from app.services.browsing import get_model


def chosen_from() -> Select[TrainedModel]:
    """The models among which somebody chooses: all but those that were discarded."""
    return select(TrainedModel).where(~is_discarded())


def is_discarded() -> ColumnElement[bool]:
    """For queries over `TrainedModel`."""
    later = aliased(ModelVerdict)
    newer = (later.model_id == ModelVerdict.model_id) & (later.id > ModelVerdict.id)
    last_word = select(ModelVerdict.id).where(
        ModelVerdict.model_id == TrainedModel.id,
        ModelVerdict.verdict == VerdictKind.DISCARD,
        ~select(later.id).where(newer).exists(),
    )
    return last_word.exists()


def discarded_ids(session: Session) -> set[int]:
    return set(session.scalars(select(TrainedModel.id).where(is_discarded())))


def serving(session: Session) -> TrainedModel | None:
    """The model that was promoted last; until there is a promotion, the newest that is kept."""
    promoted = select(Promotion.model_id).order_by(Promotion.id.desc()).limit(1)
    newest = chosen_from().with_only_columns(TrainedModel.id).order_by(TrainedModel.id.desc())
    model_id = session.scalar(promoted) or session.scalar(newest.limit(1))
    return session.get(TrainedModel, model_id) if model_id is not None else None


def promote(
    session: Session, model_id: int, person_id: int, *, automatic: bool = False
) -> Promotion:
    """Have a model serve; going back to an earlier one is the same.

    Raises:
        NotFound: there is no such model.
        Conflict: it was discarded, or was promoted last already.
    """
    get_model(session, model_id)
    if model_id in discarded_ids(session):
        raise Conflict("Model {number} was discarded. Keep it first.", number=model_id)
    before = serving(session)
    last = promotions(session, limit=1)
    if last and last[0][0].model_id == model_id:
        raise Conflict("Model {number} serves already.", number=model_id)
    promotion = Promotion(
        model_id=model_id,
        before_id=before.id if before is not None and before.id != model_id else None,
        automatic=automatic,
        person_id=person_id,
        created_at=now(session),
    )
    session.add(promotion)
    session.flush()
    return promotion


def roll_back(session: Session, person_id: int) -> Promotion:
    """Have the model serve again that served before the last promotion.

    Raises:
        Conflict: there was none before.
    """
    last = promotions(session, limit=1)
    if not last or last[0][0].before_id is None:
        raise Conflict("There is no earlier model to go back to.")
    return promote(session, last[0][0].before_id, person_id)


def promotions(session: Session, *, limit: int = 50) -> Sequence[tuple[Promotion, str]]:
    """The newest first, each with the name of who did it."""
    query = select(Promotion, Person.name).join(Person, Person.id == Promotion.person_id)
    rows = session.execute(query.order_by(Promotion.id.desc()).limit(limit))
    return [(promotion, name) for promotion, name in rows]


def judge(
    session: Session, model_id: int, verdict: VerdictKind, person_id: int | None
) -> ModelVerdict:
    """Note that a model is kept or discarded; nothing is removed.

    Raises:
        NotFound: there is no such model.
        Conflict: the model that serves cannot be discarded.
    """
    get_model(session, model_id)
    now_serving = serving(session)
    discards = verdict is VerdictKind.DISCARD
    if discards and now_serving is not None and now_serving.id == model_id:
        raise Conflict(
            "Model {number} serves, so it cannot be discarded. Promote another one first.",
            number=model_id,
        )
    made = ModelVerdict(
        model_id=model_id, verdict=verdict, person_id=person_id, created_at=now(session)
    )
    session.add(made)
    session.flush()
    return made


def verdicts(session: Session, model_id: int) -> Sequence[tuple[ModelVerdict, str | None]]:
    """What was thought of a model, the newest first, each with a name."""
    query = select(ModelVerdict, Person.name).outerjoin(Person, Person.id == ModelVerdict.person_id)
    found = query.where(ModelVerdict.model_id == model_id).order_by(ModelVerdict.id.desc())
    return [(verdict, name) for verdict, name in session.execute(found)]
