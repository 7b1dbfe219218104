"""The benchmark: specimens that measure every model and train none.

Whether a specimen is of the benchmark stands in `Specimen.in_benchmark`, to which the labels of
rounds refer (see `RoundLabel`), so that the database refuses a specimen on both sides.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base

TAG = "benchmark"
"""A specimen that is given this tag joins, and one that loses it leaves."""


class BenchmarkChange(Base, kw_only=True):
    """A specimen joined the benchmark or left it. Append-only."""

    __tablename__ = "benchmark_change"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"), index=True)
    joined: Mapped[bool]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    created_at: Mapped[datetime]


class SecondLabel(Base, kw_only=True):
    """A mask that another person drew of a member without seeing its label. Append-only.

    It never becomes a label and nothing learns from it: it says how far two people agree.
    """

    __tablename__ = "second_label"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    decision_id: Mapped[str] = mapped_column(String(64), unique=True)
    """Made by the client, so that a mask that is sent twice counts once."""
    specimen_id: Mapped[int] = mapped_column(ForeignKey("specimen.id"), index=True)
    crop_id: Mapped[int] = mapped_column(ForeignKey("crop.id"))
    digest: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(100))
    """`hand` or `upload`."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class Agreement(Base, kw_only=True):
    """How well a second person's mask agrees with a label version; see `ml.metrics`."""

    __tablename__ = "agreement"

    second_label_id: Mapped[int] = mapped_column(ForeignKey("second_label.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("label_version.id"), primary_key=True, index=True
    )
    dice: Mapped[float]
    boundary_f: Mapped[float]
    created_at: Mapped[datetime]
