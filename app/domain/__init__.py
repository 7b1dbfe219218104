"""The mapped classes. Importing this package makes the whole schema known to SQLAlchemy."""

from app.domain import (
    guidance,
    jobs,
    labelling,
    mask_imports,
    people,
    photographs,
    rounds,
    specimens,
)
from app.domain.base import Base

__all__ = [
    "Base",
    "guidance",
    "jobs",
    "labelling",
    "mask_imports",
    "people",
    "photographs",
    "rounds",
    "specimens",
]
