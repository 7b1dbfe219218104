"""What everybody is told of, in the page and elsewhere."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base, Json, words


class NoticeKind(StrEnum):
    ROUND_DONE = "round-done"
    ROUND_FAILED = "round-failed"
    PREDICTIONS_DONE = "predictions-done"
    PREDICTIONS_FAILED = "predictions-failed"
    IMPORT_DONE = "import-done"
    IMPORT_FAILED = "import-failed"
    ASSIGNMENT_DONE = "assignment-done"
    PROMOTED = "promoted"
    """A model serves from now on that nobody chose by hand."""


class Notice(Base, kw_only=True):
    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_due", "due_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    kind: Mapped[NoticeKind] = mapped_column(words(NoticeKind))
    values: Mapped[Json]
    """What its sentence is filled with."""
    address: Mapped[str] = mapped_column(String(200), default="")
    """Path of the page that it is about."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it is to be sent to the webhook, if it is."""
    tries: Mapped[int] = mapped_column(default=0)


class NoticeMark(Base, kw_only=True):
    """How far a person has read."""

    __tablename__ = "notice_mark"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
