"""What people ask of a round that runs: to pause it, or to end with the best so far."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.jobs import JobState
from app.domain.rounds import Round
from app.domain.steering import OrderKind, RoundOrder
from app.errors import Conflict, Refused
from app.services import jobs, rounds


def pause(session: Session, round_: Round, person_id: int | None) -> None:
    """Have the workers leave it; its checkpoints stay, and resuming goes on from them.

    Raises:
        Conflict: it has ended already.
    """
    jobs.cancel(session, round_.job_id)
    _note(session, round_, "", OrderKind.PAUSE, person_id)


def is_paused(session: Session, round_: Round) -> bool:
    """Otherwise it runs, has ended, or was cancelled."""
    job = jobs.get_job(session, round_.job_id)
    if job.state is not JobState.CANCELLED or job.finished_at is None:
        return False
    pauses = select(RoundOrder.id).where(
        RoundOrder.round_id == round_.id,
        RoundOrder.kind == OrderKind.PAUSE,
        RoundOrder.created_at >= job.finished_at,  # an earlier one was gone on from
    )
    return session.scalar(pauses.limit(1)) is not None


def keep_best(session: Session, round_: Round, variant: str, person_id: int | None) -> None:
    """Have a training end after its present epoch; the best epoch becomes the model.

    Args:
        variant: the one that is meant; empty for all of the round.

    Raises:
        Refused: the round has no such variant.
        Conflict: it does not train any more.
    """
    if variant and variant not in round_.configs:
        raise Refused(
            "Round {number} has no variant “{variant}”; it has {known}.",
            number=round_.number,
            variant=variant,
            known=", ".join(round_.configs),
        )
    wanted = [variant] if variant else [*round_.configs]
    trained = {model.variant for model in rounds.models_of(session, round_.id)}
    job = jobs.get_job(session, round_.job_id, lock=True)
    if not job.is_open or trained.issuperset(wanted):
        raise Conflict("Round {number} does not train any more.", number=round_.number)
    _note(session, round_, variant, OrderKind.ENOUGH, person_id)


def is_enough(session: Session, round_id: int, variant: str) -> bool:
    """Whether somebody asked for the best so far."""
    orders = select(RoundOrder.id).where(
        RoundOrder.round_id == round_id,
        RoundOrder.kind == OrderKind.ENOUGH,
        or_(RoundOrder.variant == variant, RoundOrder.variant == ""),
    )
    return session.scalar(orders.limit(1)) is not None


def _note(
    session: Session, round_: Round, variant: str, kind: OrderKind, person_id: int | None
) -> None:
    order = RoundOrder(
        round_id=round_.id,
        variant=variant,
        kind=kind,
        person_id=person_id,
        created_at=now(session),
    )
    session.add(order)
    session.flush()
