"""The mapped classes. Importing this package makes the whole schema known to SQLAlchemy."""

from app.domain import (
    benchmark,
    calibrations,
    days,
    detectors,
    exports,
    guidance,
    jobs,
    labelling,
    mask_imports,
    people,
    photographs,
    rounds,
    specimens,
    steering,
    strata,
    taxa,
)
from app.domain.base import Base

__all__ = [
    "Base",
    "benchmark",
    "calibrations",
    "days",
    "detectors",
    "exports",
    "guidance",
    "jobs",
    "labelling",
    "mask_imports",
    "people",
    "photographs",
    "rounds",
    "specimens",
    "steering",
    "strata",
    "taxa",
]
