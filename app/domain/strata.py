"""Wing-colour strata: clusters of specimens that look alike."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base, Json, words


class Stratification(Base, kw_only=True):
    """One clustering of all specimens; the newest counts, and `Specimen.stratum` follows it."""

    __tablename__ = "stratification"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), unique=True)
    config: Mapped[Json]
    findings: Mapped[Json]
    """Scores of each number of clusters tried, stability, confounding with the source."""
    created_at: Mapped[datetime]


class Stratum(Base, kw_only=True):
    """One cluster, and what is known of it."""

    __tablename__ = "stratum"

    stratification_id: Mapped[int] = mapped_column(
        ForeignKey("stratification.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    specimens: Mapped[int]
    findings: Mapped[Json]
    """Mean colour, specimens per source, stability, examples."""
    sheet_digest: Mapped[str | None] = mapped_column(String(64), default=None)
    """PNG of some of its specimens side by side."""
    merged_into: Mapped[int | None] = mapped_column(default=None)
    """The stratum that its specimens count to, until it is split off again."""


class StratumChangeKind(StrEnum):
    NAMED = "named"
    MERGED = "merged"
    SPLIT = "split"


class StratumChange(Base, kw_only=True):
    """Who named, merged or split a stratum. Append-only; the stratum shows the newest."""

    __tablename__ = "stratum_change"
    __table_args__ = (Index("ix_stratum_change_stratification", "stratification_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    stratification_id: Mapped[int] = mapped_column(ForeignKey("stratification.id"))
    number: Mapped[int]
    kind: Mapped[StratumChangeKind] = mapped_column(words(StratumChangeKind))
    name: Mapped[str] = mapped_column(String(100), default="")
    into: Mapped[int | None] = mapped_column(default=None)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    """Nobody where a name was taken over from earlier strata."""
    created_at: Mapped[datetime]
