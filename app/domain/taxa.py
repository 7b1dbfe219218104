"""Names of taxa."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base


class Taxon(Base, kw_only=True):
    """What a code such as ``LYM11`` stands for."""

    __tablename__ = "taxon"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    family: Mapped[str] = mapped_column(String(100), default="")
    name: Mapped[str] = mapped_column(String(200), default="")
