"""Specimens that were handed to somebody, so that two people who review do not meet.

A lease lasts some minutes and is renewed while its page is open; it ends by itself. It keeps
nobody from opening or deciding anything: it only steers what the queue hands out next.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from app.db import now
from app.domain.labelling import Candidate, Review
from app.domain.queue import Lease, RandomCheck, Why
from app.domain.specimens import Specimen
from app.services import assignments, queue_rule, queueing, second_look
from app.services.queueing import CHECKED, Pick, Reason, Show

LASTS = timedelta(minutes=5)
REMEMBERED = timedelta(days=1)
HEARTBEAT_SECONDS = 60
"""How often pages renew."""


@dataclass(frozen=True)
class Taken:
    """What a page asks for: what of, without what it has, how many, and of which part."""

    show: Show = Show.OPEN
    exclude: Sequence[int] = ()
    limit: int = 6
    assignment: int | None = None
    stratum: int | None = None


@dataclass(frozen=True)
class Handed:
    specimen: Specimen
    reason: Reason


def take(session: Session, person_id: int, wanted: Taken) -> list[Handed]:
    """Hand a person the next specimens that nobody else has.

    Whoever takes locks the specimens, and looks again at who has them: of two who take at the same
    moment on PostgreSQL, each skips what the other has locked.
    """
    _drop_expired(session, person_id)
    picks = _picks(session, person_id, wanted)
    picked = Lease.specimen_id.in_([pick.specimen.id for pick in picks])
    held = set(session.scalars(_of_others(session, person_id).where(picked)))
    mine = [pick for pick in picks if pick.specimen.id not in held]
    if wanted.show is Show.SECOND:
        handed = [Handed(pick.specimen, second_look.reason(pick)) for pick in mine]
    else:
        weights = queue_rule.weights(session)
        handed = [
            Handed(
                pick.specimen, CHECKED if pick.is_check else queueing.reason(pick.specimen, weights)
            )
            for pick in mine
        ]
    for each in handed:
        why = each.reason.why if wanted.show is not Show.SECOND else None
        _lease(session, person_id, each.specimen.id, why)
    session.flush()
    return handed


def _picks(session: Session, person_id: int, wanted: Taken) -> list[Pick]:
    free = Specimen.id.not_in(_of_others(session, person_id))
    if wanted.show is Show.SECOND:
        queue = second_look.waiting(wanted.exclude).where(free)
        return second_look.picks(session, _locking(queue), wanted.limit)
    queue = queueing.waiting(wanted.show, wanted.exclude).where(free)
    if wanted.assignment is not None:
        queue = queue.where(assignments.includes(wanted.assignment))
    if wanted.stratum is not None:
        queue = queue.where(Specimen.stratum == wanted.stratum)
    is_whole = wanted.assignment is None and wanted.stratum is None
    checks = wanted.show is Show.OPEN and is_whole
    shown = _shown(session) if checks else 0
    return queueing.picks(session, _locking(queue), wanted.limit, checks=checks, shown=shown)


def _locking(queue: Select[Specimen]) -> Select[Specimen]:
    return queue.with_for_update(of=Specimen, skip_locked=True)


def renew(
    session: Session, person_id: int, specimen_ids: Collection[int], looking_at: int | None
) -> None:
    """Put off the end of a person's leases; what is in view is leased if it was not."""
    until = now(session) + LASTS
    mine = (Lease.person_id == person_id) & Lease.specimen_id.in_(specimen_ids)
    session.execute(update(Lease).where(Lease.person_id == person_id).values(looking=False))
    session.execute(update(Lease).where(mine).values(until=until))
    if looking_at is not None and session.get(Specimen, looking_at) is not None:
        _lease(session, person_id, looking_at, None).looking = True


def others_looking(session: Session, person_id: int, specimen_ids: Collection[int]) -> list[Lease]:
    """Who else has one of the specimens in view just now."""
    query = select(Lease).where(
        Lease.specimen_id.in_(specimen_ids),
        Lease.person_id != person_id,
        Lease.looking,
        _is_live(session),
    )
    return list(session.scalars(query.options(joinedload(Lease.person))))


def is_check(session: Session, person_id: int, specimen_id: int) -> bool:
    """Whether the specimen was handed to this person as a random check."""
    lease = session.get(Lease, (specimen_id, person_id))
    return lease is not None and lease.why is Why.CHECK


@dataclass(frozen=True)
class Shown:
    """Why the queue had shown a specimen, and of a random check the candidate that stood first."""

    why: Why
    offered_id: int | None


def shown(session: Session, person_id: int, specimen: Specimen) -> Shown | None:
    """What a person's first decision on a specimen is to keep; asked for before it is made."""
    lease = session.get(Lease, (specimen.id, person_id))
    if lease is None or lease.why is None:
        return None
    why, lease.why = lease.why, None
    first = (
        select(Candidate.id)
        .where(Candidate.crop_id == specimen.crop_id, Candidate.rejected.is_(False))
        .order_by(Candidate.score.desc(), Candidate.id)
    )
    return Shown(why, session.scalar(first.limit(1)) if why is Why.CHECK else None)


def keep(session: Session, review: Review, known: Shown | None) -> None:
    if known is None:
        return
    review.why = known.why
    if known.offered_id is not None:
        session.flush()
        session.add(RandomCheck(review_id=review.id, candidate_id=known.offered_id))


def _lease(session: Session, person_id: int, specimen_id: int, why: Why | None) -> Lease:
    lease = session.get(Lease, (specimen_id, person_id))
    until = now(session) + LASTS
    if lease is None:
        lease = Lease(specimen_id=specimen_id, person_id=person_id, until=until, why=why)
        session.add(lease)
    lease.until, lease.why = until, why or lease.why
    return lease


def _of_others(session: Session, person_id: int) -> Select[int]:
    return select(Lease.specimen_id).where(_is_live(session), Lease.person_id != person_id)


def _is_live(session: Session) -> ColumnElement[bool]:
    """Not over; what lasts much longer than any lease was given before a clock was put back."""
    moment = now(session)
    return (Lease.until > moment) & (Lease.until <= moment + 2 * LASTS)


def _drop_expired(session: Session, person_id: int) -> None:
    """After a while: a decision that was made without a network may still come and ask why."""
    over = (Lease.until <= now(session) - REMEMBERED) & (Lease.person_id == person_id)
    session.execute(delete(Lease).where(over))


def _shown(session: Session) -> int:
    """How many came since the last random check, those in people's hands among them."""
    live = _is_live(session), Lease.why.is_not(None)
    by_why = select(Lease.why, func.count()).where(*live).group_by(Lease.why)
    in_hand = dict(session.execute(by_why).all())
    if Why.CHECK in in_hand:
        return 0
    return sum(in_hand.values()) + queueing.since_check(session)
