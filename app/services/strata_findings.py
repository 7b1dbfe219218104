"""What is known of the present strata, counted as specimens are now."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.photographs import Source
from app.domain.specimens import Specimen
from app.domain.strata import Stratification, Stratum

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
    counts = _counts(session)
    of_source: dict[str, int] = defaultdict(int)
    for per_source in counts.values():
        for code, count in per_source.items():
            of_source[code] += count
    strata = select(Stratum).where(Stratum.stratification_id == stratification.id)
    return [
        StratumFindings(
            stratum=stratum,
            specimens=sum(counts[stratum.number].values()),
            sources=_shares(counts[stratum.number], of_source),
        )
        for stratum in session.scalars(strata.order_by(Stratum.number))
    ]


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
