"""What the program has learned from reviews about which candidates are accepted."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base, Json


class Calibration(Base, kw_only=True):
    """How own scores become ranking scores in one source; the newest of a source counts."""

    __tablename__ = "calibration"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    reviews: Mapped[int]
    """Decisions that it was learned from."""
    coefficients: Mapped[Json]
    quality: Mapped[Json]
    """How well it tells accepted from rejected, cross-validated, and how well own scores do."""
    created_at: Mapped[datetime]
