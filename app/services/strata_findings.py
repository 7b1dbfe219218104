"""What is known of the present strata, counted as specimens are now."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.labelling import Decision, LabelVersion, Review
from app.domain.photographs import Source
from app.domain.rounds import Measurement
from app.domain.specimens import Specimen, SpecimenState
from app.domain.strata import Stratification, Stratum
from app.services import models

JUDGED = 2000
"""Newest decisions that the share of accepted masks is counted from."""
MOSTLY = 0.75
"""From this share on a stratum is mostly one source …"""
MORE_THAN_ELSEWHERE = 1.5
"""… unless that source has nearly as large a share of all specimens."""


class Firmness(StrEnum):
    """How far a stratum would be the same if made from other specimens, by Hennig's limits."""

    FIRM = "firm"
    PARTLY = "partly"
    LOOSE = "loose"


@dataclass(frozen=True)
class SourceShare:
    code: str
    specimens: int
    share: float
    """Of the stratum."""
    overall: float
    """Of all specimens that have a stratum."""


@dataclass(frozen=True)
class StratumFindings:
    stratum: Stratum
    specimens: int
    sources: list[SourceShare]
    """The largest first."""
    labels: int = 0
    dice: float | None = None
    """Mean of the serving model on labels of it that are fair to it …"""
    measured: int = 0
    """… so many."""
    judged: int = 0
    accepted: int = 0
    """Of the newest decisions about masks of any specimen, those about its own."""
    merged: list[Stratum] = field(default_factory=list)
    """Strata that count to it."""

    @property
    def coverage(self) -> float:
        return self.labels / self.specimens if self.specimens else 0.0

    @property
    def mostly(self) -> SourceShare | None:
        """The source that the stratum may be mistaken for, if there is one."""
        largest = self.sources[0] if self.sources else None
        if largest is None or largest.share < MOSTLY:
            return None
        return largest if largest.share >= MORE_THAN_ELSEWHERE * largest.overall else None

    @property
    def firmness(self) -> Firmness:
        return firmness(self.stratum.findings["jaccard"])


def firmness(index: float) -> Firmness:
    """Of a Jaccard index or of an adjusted Rand index: 0 by chance, 1 the same strata."""
    if index >= 0.75:
        return Firmness.FIRM
    return Firmness.PARTLY if index >= 0.6 else Firmness.LOOSE


def of_strata(session: Session, stratification: Stratification) -> list[StratumFindings]:
    """The strata from the darkest to the palest."""
    counts, labels = _counts(session), _labels(session)
    dices, judged = _dices(session), _judged(session)
    of_source: dict[str, int] = defaultdict(int)
    for per_source in counts.values():
        for code, count in per_source.items():
            of_source[code] += count
    query = select(Stratum).where(Stratum.stratification_id == stratification.id)
    strata = session.scalars(query.order_by(Stratum.number)).all()
    return [
        StratumFindings(
            stratum=stratum,
            specimens=sum(counts[stratum.number].values()),
            sources=_shares(counts[stratum.number], of_source),
            labels=labels.get(stratum.number, 0),
            dice=dices.get(stratum.number, (None, 0))[0],
            measured=dices.get(stratum.number, (None, 0))[1],
            judged=sum(judged[stratum.number].values()),
            accepted=judged[stratum.number][Decision.ACCEPT],
            merged=[each for each in strata if each.merged_into == stratum.number],
        )
        for stratum in strata
        if stratum.merged_into is None
    ]


def _labels(session: Session) -> dict[int | None, int]:
    labelled = (
        select(Specimen.stratum, func.count())
        .where(Specimen.stratum.is_not(None), Specimen.state == SpecimenState.LABELLED)
        .group_by(Specimen.stratum)
    )
    return dict(session.execute(labelled).all())


def _dices(session: Session) -> dict[int | None, tuple[float, int]]:
    """Mean Dice of the serving model and on how many labels, by stratum."""
    serving = models.serving(session)
    rows = session.execute(
        select(Specimen.stratum, func.avg(Measurement.dice), func.count())
        .join(LabelVersion, LabelVersion.id == Measurement.version_id)
        .join(Specimen, Specimen.id == LabelVersion.specimen_id)
        .where(Specimen.version_id == LabelVersion.id)
        .where(Measurement.model_id == (serving.id if serving is not None else 0))
        .group_by(Specimen.stratum)
    )
    return {stratum: (dice, count) for stratum, dice, count in rows}


def _judged(session: Session) -> Mapping[int | None, Counter[Decision]]:
    """Acceptances and rejections of candidates among the newest decisions, by stratum."""
    newest = (
        select(Review.specimen_id, Review.decision)
        .where(Review.candidate_id.is_not(None))
        .order_by(Review.created_at.desc(), Review.id.desc())
        .limit(JUDGED)
        .subquery()
    )
    rows = session.execute(
        select(Specimen.stratum, newest.c.decision, func.count())
        .join(newest, newest.c.specimen_id == Specimen.id)
        .where(newest.c.decision.in_((Decision.ACCEPT, Decision.REJECT)))
        .group_by(Specimen.stratum, newest.c.decision)
    )
    found: dict[int | None, Counter[Decision]] = defaultdict(Counter)
    for stratum, decision, count in rows:
        found[stratum][decision] = count
    return found


def _counts(session: Session) -> Mapping[int, Mapping[str, int]]:
    """Specimens by stratum and source."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = session.execute(
        select(Specimen.stratum, Source.code, func.count())
        .join(Source, Source.id == Specimen.source_id)
        .where(Specimen.stratum.is_not(None))
        .group_by(Specimen.stratum, Source.code)
    )
    for stratum, code, count in rows:
        counts[stratum or 0][code] = count
    return counts


def _shares(counts: Mapping[str, int], of_source: Mapping[str, int]) -> list[SourceShare]:
    here, everywhere = sum(counts.values()), sum(of_source.values())
    shares = [
        SourceShare(code, count, count / here, of_source[code] / everywhere)
        for code, count in counts.items()
    ]
    return sorted(shares, key=lambda each: (-each.specimens, each.code))
