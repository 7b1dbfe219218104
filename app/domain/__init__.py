"""The mapped classes. Importing this package makes the whole schema known to SQLAlchemy."""

from app.domain import (
    calibrations,
    detectors,
    guidance,
    jobs,
    labelling,
    mask_imports,
    people,
    photographs,
    rounds,
    specimens,
    strata,
    taxa,
)
from app.domain.base import Base

__all__ = [
    "Base",
    "calibrations",
    "detectors",
    "guidance",
    "jobs",
    "labelling",
    "mask_imports",
    "people",
    "photographs",
    "rounds",
    "specimens",
    "strata",
    "taxa",
]
