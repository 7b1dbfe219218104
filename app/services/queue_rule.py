"""How the queue is ordered: weights that follow each other, none of them ever changed."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import now
from app.domain.queue import QueueRule
from app.errors import Refused
from app.services.queue_score import DEFAULT, Weights
from app.services.ranges import MOST_SEED, SEED, refuse_outside

MOST_WEIGHT = 10.0
MOST_CHECKS = 0.5
SHOWN = 50
WEIGHT = "A weight is a number from {least} to {most}, not {value}."
CHECKS = "The share of random checks is a number from {least} to {most}, not {value}."


def weights(session: Session) -> Weights:
    """Those that count now."""
    newest = session.scalar(select(QueueRule).order_by(QueueRule.id.desc()).limit(1))
    return as_weights(newest) if newest is not None else DEFAULT


def as_weights(rule: QueueRule) -> Weights:
    return Weights(
        uncertainty=rule.uncertainty,
        shortage=rule.shortage,
        disagreement=rule.disagreement,
        lot=rule.lot,
        check_share=rule.check_share,
        seed=rule.seed,
    )


def rules(session: Session) -> list[QueueRule]:
    """The newest, the one that counts first."""
    query = select(QueueRule).options(joinedload(QueueRule.person)).order_by(QueueRule.id.desc())
    return list(session.scalars(query.limit(SHOWN)))


def write(session: Session, person_id: int, wanted: Weights) -> Weights:
    """Add weights; the same as those that count are no new ones. A worker orders the queue anew.

    Raises:
        Refused: a value is out of its range, or nothing has any weight.
    """
    for weight in wanted.of_signals:
        refuse_outside(WEIGHT, weight, 0, MOST_WEIGHT)
    refuse_outside(CHECKS, wanted.check_share, 0, MOST_CHECKS)
    refuse_outside(SEED, wanted.seed, 0, MOST_SEED)
    if not any(wanted.of_signals):
        raise Refused("Give at least one of the four a weight above 0.")
    if weights(session) != wanted:
        rule = QueueRule(
            uncertainty=wanted.uncertainty,
            shortage=wanted.shortage,
            disagreement=wanted.disagreement,
            lot=wanted.lot,
            check_share=wanted.check_share,
            seed=wanted.seed,
            person_id=person_id,
            created_at=now(session),
        )
        session.add(rule)
        session.flush()
    return wanted
