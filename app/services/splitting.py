"""Which labels validate: about a tenth of each stratum, and the same specimens round by round."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.specimens import Specimen, Split
from app.errors import Refused

VALIDATION_SHARE = 0.1
AT_A_TIME = 500


@dataclass(frozen=True)
class Member:
    """A specimen of a round; its side is open until its first round."""

    specimen_id: int
    stratum: int | None
    split: Split | None


def settle_splits(session: Session, specimen_ids: Sequence[int]) -> dict[int, Split]:
    """Give a side to each specimen that has none yet, and return the sides of all.

    Members of the benchmark have no side: leave them out. Whoever settles the same specimens at
    the same moment waits, and finds them settled.

    Raises:
        Refused: every specimen is on one side from earlier rounds, so one has to be added.
    """
    ids = sorted(specimen_ids)
    _lock_unsettled(session, ids)
    members = _members(session, ids)
    chosen = validating(members)
    fresh = [member.specimen_id for member in members if member.split is None]
    sides = {Split.VALIDATION: sorted(chosen), Split.TRAINING: sorted(set(fresh) - chosen)}
    for side, numbers in sides.items():
        for chunk in _chunks(numbers):
            session.execute(update(Specimen).where(Specimen.id.in_(chunk)).values(split=side))
    new = {number: side for side, numbers in sides.items() for number in numbers}
    settled = {member.specimen_id: member.split or new[member.specimen_id] for member in members}
    _refuse_one_side(settled)
    return settled


def validating(members: Sequence[Member], share: float = VALIDATION_SHARE) -> set[int]:
    """Choose those without a side that are to validate, from where validation lacks most.

    So each stratum comes near its share. Strata with one specimen count as one stratum, together
    with specimens that have none. No more than half of what is new in a stratum validates, even
    if earlier validation labels are gone: what is new should be learned too.
    """
    strata = _strata(members, share)
    before = sum(member.split is Split.VALIDATION for member in members)
    lacking = max(1, round(share * len(members))) - before
    chosen: set[int] = set()
    for _ in range(lacking):
        able = [stratum for stratum in strata if stratum.open]
        if not able:
            break
        chosen.add(max(able, key=lambda stratum: stratum.lacks).choose())
    return chosen


class _Stratum:
    """Counts of one stratum while its specimens are chosen from, in an order by hash."""

    def __init__(self, members: Sequence[Member], share: float) -> None:
        fresh = [member.specimen_id for member in members if member.split is None]
        self.open = sorted(fresh, key=_hash, reverse=True)[: (len(fresh) + 1) // 2]
        validate = sum(member.split is Split.VALIDATION for member in members)
        self.lacks = share * len(members) - validate

    def choose(self) -> int:
        self.lacks -= 1
        return self.open.pop()


def _strata(members: Sequence[Member], share: float) -> list[_Stratum]:
    groups: dict[int | None, list[Member]] = defaultdict(list)
    for member in members:
        groups[member.stratum].append(member)
    single = [number for number, group in groups.items() if len(group) == 1 and number is not None]
    for number in single:
        groups[None] += groups.pop(number)
    numbers = sorted(groups, key=lambda each: each or 0)
    return [_Stratum(groups[number], share) for number in numbers]


def _hash(specimen_id: int) -> str:
    return hashlib.sha256(str(specimen_id).encode()).hexdigest()


def _lock_unsettled(session: Session, ids: Sequence[int]) -> None:
    for chunk in _chunks(ids):
        unsettled = select(Specimen.id).where(Specimen.id.in_(chunk), Specimen.split.is_(None))
        session.execute(unsettled.order_by(Specimen.id).with_for_update()).all()


def _members(session: Session, ids: Sequence[int]) -> list[Member]:
    query = select(Specimen.id, Specimen.stratum, Specimen.split).order_by(Specimen.id)
    return [
        Member(*row)
        for chunk in _chunks(ids)
        for row in session.execute(query.where(Specimen.id.in_(chunk)))
    ]


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(ids), AT_A_TIME):
        yield ids[first : first + AT_A_TIME]


def _refuse_one_side(settled: dict[int, Split]) -> None:
    sides = set(settled.values())
    if Split.VALIDATION not in sides:
        raise Refused(
            "All the labels that there are have been trained on, so none of them can judge a "
            "model. Accept or draw one more mask first."
        )
    if Split.TRAINING not in sides:
        raise Refused(
            "All the labels that there are judge models, so none of them may be trained on. "
            "Accept or draw one more mask first."
        )
