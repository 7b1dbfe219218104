"""How often candidates of each model and method are accepted where people could choose them.

Of each specimen the last decision counts: one candidate was accepted, or a mask was drawn or
uploaded in place of all, or candidates were rejected and nothing was accepted yet. What came after
the decision was not offered, neither were empty predictions; uploaded masks are no method, and a
label that came from a file, or was restored or carried over, chose among nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

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
from ml.metrics.intervals import Interval, wilson

MOST = 1000
"""Decisions that are looked at, the last ones: so it takes no longer the more there are."""
MOST_COMPARED = 8


@dataclass(frozen=True)
class Offer:
    """A candidate where somebody decided."""

    specimen_id: int
    stratum: int | None
    origin: str
    accepted: bool
    rejected: bool


@dataclass(frozen=True)
class Rate:
    """What became of the offers of one model or method."""

    offered: int
    accepted: int
    rejected: int
    with_others: int
    """Offers beside which there was another."""
    won: int
    """Of these, how many were accepted."""

    @property
    def passed_over(self) -> int:
        """Neither accepted nor rejected: another was chosen, or a mask was drawn."""
        return self.offered - self.accepted - self.rejected

    @property
    def share(self) -> Interval:
        return wilson(self.accepted, self.offered)

    @property
    def win_rate(self) -> Interval | None:
        return wilson(self.won, self.with_others) if self.with_others else None

    @classmethod
    def of(cls, offers: Sequence[tuple[Offer, bool]]) -> "Rate":
        """Of offers, each with whether there was another beside it."""
        beside = [offer for offer, has_others in offers if has_others]
        return cls(
            offered=len(offers),
            accepted=sum(offer.accepted for offer, _ in offers),
            rejected=sum(offer.rejected for offer, _ in offers),
            with_others=len(beside),
            won=sum(offer.accepted for offer in beside),
        )


@dataclass(frozen=True)
class MethodRates:
    origin: str
    overall: Rate
    strata: dict[int | None, Rate]


@dataclass(frozen=True)
class Duel:
    """Two that were offered together, where one of them was accepted."""

    first: str
    second: str
    won: int
    """By the first."""
    n: int

    @property
    def share(self) -> Interval:
        return wilson(self.won, self.n)


@dataclass(frozen=True)
class WinRates:
    specimens: int
    methods: list[MethodRates]
    """Models first, the newest first; then methods by how often they are accepted."""
    strata: list[int | None]
    duels: dict[tuple[str, str], Duel]
    compared: list[str]
    """Those offered most often, whose duels are worth a table."""


def win_rates(session: Session) -> WinRates:
    """What became of the candidates of the specimens that were decided on last."""
    by_specimen: dict[int, list[Offer]] = defaultdict(list)
    for offer in _offers(session):
        by_specimen[offer.specimen_id].append(offer)
    by_method: dict[str, list[tuple[Offer, bool]]] = defaultdict(list)
    for offers in by_specimen.values():
        for offer in offers:
            by_method[offer.origin].append((offer, len(offers) > 1))
    methods = [_rates(origin, offers) for origin, offers in by_method.items()]
    often = sorted(methods, key=lambda each: (-each.overall.offered, each.origin))
    strata = {offer.stratum for offers in by_specimen.values() for offer in offers}
    return WinRates(
        specimens=len(by_specimen),
        methods=sorted(methods, key=_place),
        strata=sorted(strata, key=lambda stratum: (stratum is None, stratum or 0)),
        duels=_duels(by_specimen.values()),
        compared=[each.origin for each in often[:MOST_COMPARED]],
    )


def _rates(origin: str, offers: Sequence[tuple[Offer, bool]]) -> MethodRates:
    groups: dict[int | None, list[tuple[Offer, bool]]] = defaultdict(list)
    for each in offers:
        groups[each[0].stratum].append(each)
    strata = {stratum: Rate.of(group) for stratum, group in groups.items()}
    return MethodRates(origin, Rate.of(offers), strata)


def _place(method: MethodRates) -> tuple[int, int, float, str]:
    kind, _, number = method.origin.partition(":")
    if kind == "model" and number.isdecimal():
        return 0, -int(number), 0.0, method.origin
    return (1 if kind == "models" else 2), 0, -method.overall.share.mean, method.origin


def _duels(specimens: Iterable[Sequence[Offer]]) -> dict[tuple[str, str], Duel]:
    """Both ways round, so that a table can be read by its rows."""
    won: dict[tuple[str, str], int] = defaultdict(int)
    for offers in specimens:
        for one, two in combinations(offers, 2):
            if one.accepted != two.accepted and one.origin != two.origin:
                winner, loser = (one, two) if one.accepted else (two, one)
                won[winner.origin, loser.origin] += 1
    pairs = {*won, *((loser, winner) for winner, loser in won)}
    return {
        (first, second): Duel(
            first, second, won[first, second], won[first, second] + won[second, first]
        )
        for first, second in sorted(pairs)
    }


def _offers(session: Session) -> list[Offer]:
    decided = _last_decisions().subquery()
    own_reject = aliased(Review)
    by_review = (
        select(own_reject.id)
        .where(
            own_reject.specimen_id == Candidate.specimen_id,  # reviews are found by specimen
            own_reject.candidate_id == Candidate.id,
            own_reject.decision == Decision.REJECT,
            _stands(own_reject),
        )
        .exists()
    )
    # An empty prediction is marked as well, but nobody has looked at it.
    is_rejected = and_(Candidate.rejected, by_review)
    chosen = Candidate.id == decided.c.candidate_id
    query = (
        select(
            Candidate.specimen_id,
            Specimen.stratum,
            Candidate.origin,
            func.coalesce(and_(decided.c.accepts, chosen), literal(False)),
            is_rejected,
        )
        .join(decided, decided.c.specimen_id == Candidate.specimen_id)
        .join(Specimen, Specimen.id == Candidate.specimen_id)
        .where(
            Candidate.crop_id == decided.c.crop_id,
            Candidate.created_at <= decided.c.created_at,
            ~Candidate.origin.startswith(f"{UPLOAD}:"),
            ~Candidate.origin.startswith(f"{CARRIED_FROM}{UPLOAD}:"),
            # Where nothing was accepted yet, only what was rejected has been decided on.
            or_(is_rejected, and_(decided.c.accepts, Candidate.rejected.is_(False))),
        )
        .order_by(Candidate.specimen_id, Candidate.id)
    )
    return [
        Offer(
            specimen_id,
            stratum,
            origin.removeprefix(CARRIED_FROM),
            bool(accepted),
            bool(rejected) and not accepted,
        )
        for specimen_id, stratum, origin, accepted, rejected in session.execute(query)
    ]


def _last_decisions() -> Select[Any]:
    """The last standing decision about masks of each specimen, among the last decisions."""
    # First the last ones, then what they are: else all that were taken back are looked for.
    recent = select(Review.id).order_by(Review.id.desc()).limit(MOST)
    newest = (
        select(func.max(Review.id).label("id"))
        .where(
            Review.id.in_(recent.scalar_subquery()),
            Review.decision.in_((Decision.ACCEPT, Decision.REJECT)),
            ~Review.decision_id.startswith(FROM_FILE),
            _stands(Review),
        )
        .group_by(Review.specimen_id)
        .subquery()
    )
    accepts = case((Review.decision == Decision.ACCEPT, True), else_=False)
    return (
        select(
            Review.specimen_id,
            Review.candidate_id,
            Review.created_at,
            accepts.label("accepts"),
            func.coalesce(LabelVersion.crop_id, Specimen.crop_id).label("crop_id"),
        )
        .join(newest, newest.c.id == Review.id)
        .join(Specimen, Specimen.id == Review.specimen_id)
        .outerjoin(LabelVersion, LabelVersion.id == Review.version_id)
        .where(_chooses())
    )


def _chooses() -> ColumnElement[bool]:
    """The review chose a candidate, or made a mask in place of all."""
    made = and_(Review.candidate_id.is_(None), LabelVersion.origin.in_((HAND, UPLOAD)))
    named = Review.candidate_id.is_not(None)
    return or_(Review.decision == Decision.REJECT, named, made)


def _stands(review: type[Review]) -> ColumnElement[bool]:
    """Nobody has taken it back."""
    back = aliased(Review)
    return ~select(back.id).where(back.retracts_id == review.id).exists()
