"""Wing-colour strata: clusters of specimens that look alike."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base, Json


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
