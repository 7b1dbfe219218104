"""Which masks left the program, in which export."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.base import Base


class ExportedMask(Base, kw_only=True):
    """A label version that an export holds, and the mask as it stands in the archive."""

    __tablename__ = "exported_mask"
    __table_args__ = (Index("ix_exported_mask_version", "version_id", "job_id"),)

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("label_version.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    """Of its PNG: another than the version's where it is the size of the photograph or a square."""
