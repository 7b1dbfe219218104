"""Whether going on with the review is worth it: how much is accepted, how long it will take, and
how good the masks are that nobody has looked at.

The last is told by random checks: specimens that were shown whatever their score. The candidate
that stood first there is compared with the label that came of it. Older models were hardly better
than the present one, so their checks make the estimate careful rather than too good.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.domain.labelling import FROM_FILE, Candidate, Decision, LabelVersion, Review
from app.domain.queue import RandomCheck
from app.domain.specimens import Specimen
from app.services import queueing
from ml.metrics.intervals import Interval, bootstrap_mean

LAST = 50
"""Decisions of which the share that was accepted is told."""
LOOKED_AT = 1000
"""Newest reviews among which these are looked for."""
TIMED = 200
LONGEST_GAP = timedelta(minutes=2)
"""Between two decisions; whoever was away longer did not review meanwhile."""
CHECKS = 100
"""The newest so many random checks count."""


@dataclass(frozen=True)
class StopLimits:
    """From where on stopping is advised."""

    accepted: float = 0.9
    """Share of the last decisions."""
    dice: float = 0.95
    """Lower end of the interval."""
    checks: int = 20
    """Fewer random checks say nothing."""


@dataclass(frozen=True)
class StopAdvice:
    decisions: int
    accepted: int
    """Of these, decisions that accepted a candidate as it was."""
    waiting: int
    minutes: float | None
    """That the rest will take, if anything is known of that."""
    dice: Interval | None
    """Of the first candidates of what is not reviewed, as random checks tell."""
    checks: int
    pending: int
    """Random checks whose candidate was rejected, and that have no label yet."""
    may_stop: bool


@dataclass(frozen=True)
class OpenCheck:
    """A random check that has a label by now, with both masks."""

    review_id: int
    version_id: int
    offered_digest: str
    label_digest: str


def advise(session: Session, limits: StopLimits) -> StopAdvice:
    decisions, accepted = _last_decisions(session)
    dice, pending = _checked(session)
    waiting = queueing.counts(session).waiting
    interval = bootstrap_mean(np.array(dice)) if len(dice) >= 2 else None
    return StopAdvice(
        decisions=decisions,
        accepted=accepted,
        waiting=waiting,
        minutes=_minutes(session, waiting),
        dice=interval,
        checks=len(dice),
        pending=pending,
        may_stop=decisions == LAST
        and accepted >= limits.accepted * decisions
        and len(dice) >= limits.checks
        and interval is not None
        and interval.low >= limits.dice
        and pending <= (1 - limits.accepted) * len(dice),
    )


def open_checks(session: Session, limit: int = CHECKS) -> list[OpenCheck]:
    """The newest random checks that can be compared and were not yet."""
    rows = session.execute(
        select(RandomCheck.review_id, LabelVersion.id, Candidate.digest, LabelVersion.digest)
        .join(Review, Review.id == RandomCheck.review_id)
        .join(Specimen, Specimen.id == Review.specimen_id)
        .join(LabelVersion, LabelVersion.id == Specimen.version_id)
        .join(Candidate, Candidate.id == RandomCheck.candidate_id)
        .where(RandomCheck.dice.is_(None), Candidate.crop_id == LabelVersion.crop_id)
        .order_by(RandomCheck.review_id.desc())
        .limit(limit)
    )
    return [OpenCheck(*row) for row in rows]


def store(session: Session, check: OpenCheck, dice: float) -> None:
    row = session.get_one(RandomCheck, check.review_id)
    row.version_id, row.dice = check.version_id, dice


def _last_decisions(session: Session) -> tuple[int, int]:
    """How many of the last decisions there are, and how many of them accepted a candidate."""
    retraction = aliased(Review)
    # First the newest of all kinds, by their index: else databases go through every review.
    newest = select(Review.id).order_by(Review.created_at.desc(), Review.id.desc()).limit(LOOKED_AT)
    last = (
        select(Review.decision, Review.candidate_id)
        .outerjoin(retraction, retraction.retracts_id == Review.id)
        .where(
            Review.id.in_(select(newest.subquery().c.id)),
            Review.decision.in_((Decision.ACCEPT, Decision.REJECT)),
            Review.decision_id.not_like(f"{FROM_FILE}%"),
            # Somebody who agrees with a label, or rejects one, has looked a second time.
            Review.parent_id.is_(None) | (Review.parent_id != func.coalesce(Review.version_id, 0)),
            retraction.id.is_(None),
        )
        .order_by(Review.created_at.desc(), Review.id.desc())
        .limit(LAST)
    )
    rows = session.execute(last).all()
    taken = [row for row in rows if row.decision is Decision.ACCEPT and row.candidate_id]
    return len(rows), len(taken)


def _minutes(session: Session, waiting: int) -> float | None:
    last = select(Review.person_id, Review.created_at).order_by(
        Review.created_at.desc(), Review.id.desc()
    )
    moments: dict[int, list[float]] = {}
    for person_id, moment in session.execute(last.limit(TIMED)):
        moments.setdefault(person_id, []).append(moment.timestamp())
    gaps = [
        later - earlier
        for mine in moments.values()
        for later, earlier in pairwise(mine)
        if later - earlier <= LONGEST_GAP.total_seconds()
    ]
    return waiting * median(gaps) / 60 if gaps else None


def _checked(session: Session) -> tuple[list[float], int]:
    """Dice of the newest checks, and how many of them wait for a label."""
    query = select(RandomCheck.dice).order_by(RandomCheck.review_id.desc()).limit(CHECKS)
    found = session.scalars(query).all()
    known = [dice for dice in found if dice is not None]
    return known, len(found) - len(known)
