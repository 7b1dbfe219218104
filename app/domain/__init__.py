"""The mapped classes. Importing this package makes the whole schema known to SQLAlchemy."""

from app.domain import jobs, labelling, people, photographs, rounds, specimens
from app.domain.base import Base

__all__ = ["Base", "jobs", "labelling", "people", "photographs", "rounds", "specimens"]
