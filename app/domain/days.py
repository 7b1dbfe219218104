"""What each person did on each day that is over: reviews and label versions never change."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base


class DayOfWork(Base, kw_only=True):
    """Figures of one person on one day (UTC), so that no page counts them again."""

    __tablename__ = "day_of_work"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """As `2026-01-31`."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    proposed: Mapped[int] = mapped_column(default=0)
    """Label versions that are accepted masks of methods …"""
    predicted: Mapped[int] = mapped_column(default=0)
    """… of trained models …"""
    drawn: Mapped[int] = mapped_column(default=0)
    uploaded: Mapped[int] = mapped_column(default=0)
    brought_back: Mapped[int] = mapped_column(default=0)
    """… earlier ones restored or carried to another crop."""
    accepted: Mapped[int] = mapped_column(default=0)
    """Candidates, in reviews."""
    rejected: Mapped[int] = mapped_column(default=0)
    gaps: Mapped[int] = mapped_column(default=0)
    """Pairs of decisions close enough to have been made in one go."""
    seconds: Mapped[float | None] = mapped_column(default=None)
    """Median time between these; nothing where there is no pair."""
