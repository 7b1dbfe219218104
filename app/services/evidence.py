"""What curators' decisions say about candidates: which were accepted, and which were not.

A specimen's present label speaks for itself: its candidate was accepted, or none was, if it was
drawn; all others that it could be chosen from were passed over. An empty prediction is marked as
rejected too, but nobody has looked at it. A label that came from a file or was restored says
nothing of candidates. What was taken back has left no trace here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.domain.labelling import (
    CARRIED_FROM,
    FROM_FILE,
    HAND,
    UPLOAD,
    Candidate,
    Decision,
    LabelVersion,
    Review,
)
from app.domain.specimens import Specimen
from ml.acceptance.learned import MODEL, Decided, Facts

CHUNK = 200


@dataclass(frozen=True)
class Verdict:
    """One decision about a candidate, and when it was made."""

    candidate: Candidate
    accepted: bool
    moment: datetime


def decided(session: Session, where: ColumnElement[bool], most: int) -> Iterator[Decided]:
    """Decisions on candidates of the specimens decided on last, some specimens at a time.

    Args:
        where: which specimens count.
        most: how many of them at most.
    """
    ids = _decided_last(session, where, most)
    for first in range(0, len(ids), CHUNK):
        yield from _of_some(session, ids[first : first + CHUNK])


def facts(candidate: Candidate, beside: Iterable[Candidate]) -> Facts:
    """What can be known of a candidate, given those that are there beside it."""
    models = {other.model_id for other in beside if other.model_id is not None}
    mine = candidate.model_id
    return Facts(
        origin=candidate.origin.removeprefix(CARRIED_FROM) if mine is None else MODEL,
        own_score=candidate.own_score,
        newer=sum(other > mine for other in models) if mine is not None else 0,
    )


def is_uploaded(candidate: Candidate) -> bool:
    """Its own score says only that a person made it."""
    return candidate.origin.removeprefix(CARRIED_FROM).startswith(f"{UPLOAD}:")


def _decided_last(session: Session, where: ColumnElement[bool], most: int) -> Sequence[int]:
    query = (
        select(Review.specimen_id)
        .join(Specimen, Specimen.id == Review.specimen_id)
        .where(
            where,
            Specimen.unusable.is_(False),
            Review.decision.in_((Decision.ACCEPT, Decision.REJECT)),
        )
        .group_by(Review.specimen_id)
        .order_by(func.max(Review.id).desc())
        .limit(most)
    )
    return session.scalars(query).all()


def _of_some(session: Session, ids: Sequence[int]) -> Iterator[Decided]:
    candidates: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in session.scalars(select(Candidate).where(Candidate.specimen_id.in_(ids))):
        candidates[candidate.specimen_id].append(candidate)
    reviews = session.scalars(select(Review).where(Review.specimen_id.in_(ids))).all()
    from_files = {row.version_id for row in reviews if row.decision_id.startswith(FROM_FILE)}
    rejected = {
        row.candidate_id: row.created_at for row in reviews if row.decision is Decision.REJECT
    }
    labels = _labels(session, ids)
    for specimen_id, all_of_it in candidates.items():
        mine = [candidate for candidate in all_of_it if not is_uploaded(candidate)]
        label = labels.get(specimen_id)
        verdicts = _rejections(mine, rejected)
        if label is not None and label.id not in from_files:
            verdicts |= _choice(mine, label, rejected)
        yield from (_decided(verdict, mine) for verdict in verdicts.values())


def _labels(session: Session, ids: Sequence[int]) -> dict[int, LabelVersion]:
    query = select(LabelVersion).join(Specimen, Specimen.version_id == LabelVersion.id)
    return {row.specimen_id: row for row in session.scalars(query.where(Specimen.id.in_(ids)))}


def _rejections(
    candidates: Sequence[Candidate], rejected: Mapping[int | None, datetime]
) -> dict[int, Verdict]:
    return {
        each.id: Verdict(each, accepted=False, moment=rejected[each.id])
        for each in candidates
        if each.rejected and each.id in rejected
    }


def _choice(
    candidates: Sequence[Candidate], label: LabelVersion, rejected: Mapping[int | None, datetime]
) -> dict[int, Verdict]:
    if label.candidate_id is None and label.origin not in (HAND, UPLOAD):
        return {}
    return {
        each.id: Verdict(each, each.id == label.candidate_id, label.created_at)
        for each in candidates
        if each.crop_id == label.crop_id
        and each.created_at <= label.created_at
        and (each.id in rejected or not each.rejected)
    }


def _decided(verdict: Verdict, candidates: Sequence[Candidate]) -> Decided:
    """As it was then: models that came later did not stand beside it."""
    candidate = verdict.candidate
    beside = [each for each in candidates if each.created_at <= verdict.moment]
    return Decided(candidate.specimen_id, facts(candidate, beside), verdict.accepted)
