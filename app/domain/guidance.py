"""What belongs to a mask, in the words of whoever leads the work. Nothing is ever overwritten."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base
from app.domain.people import Person


class MaskRule(Base, kw_only=True):
    """One wording of the rule; the newest counts."""

    __tablename__ = "mask_rule"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    text: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(init=False)
