from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base


class Person(Base, kw_only=True):
    """Whoever decides something. Passwords come with accounts."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime]
