"""Specimens, versions, candidates, models and rounds as JSON, each with links to its neighbours."""

from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel

from app.domain.base import Json
from app.services.lineage_lookup import How


class Link(BaseModel):
    """The number of a neighbour, and where it is told of."""

    id: int
    href: str


class PersonLink(Link):
    name: str


class SpecimenLink(Link):
    key: str
    source: str


Item = TypeVar("Item", bound=Link)


class PageOf(BaseModel, Generic[Item]):
    """Some of many; `next` is the address of those that follow."""

    items: list[Item]
    next: str | None


class ReviewLine(BaseModel):
    id: int
    decision: str
    person: PersonLink
    reasons: list[str]
    note: str
    created_at: datetime
    taken_back_by: str | None


class TrainingLine(BaseModel):
    round: Link
    split: str
    model: Link | None
    variant: str | None


class ExportLine(Link):
    created_at: datetime
    archive: str
    versions: str


class VersionShape(BaseModel):
    id: int
    number: int
    counts: bool
    """It is the label of its specimen now."""
    digest: str
    mask: str
    origin: str
    created_at: datetime
    page: str
    person: PersonLink
    specimen: SpecimenLink
    parent: Link | None
    restores: Link | None
    replaced_by: list[Link]
    candidate: Link | None
    model: Link | None
    round: Link | None
    """That made the model."""
    reviews: list[ReviewLine]
    rounds: str
    exports: str


class VersionRow(Link):
    number: int
    specimen: SpecimenLink
    origin: str
    digest: str


class FrozenRow(Link):
    number: int
    specimen: SpecimenLink
    split: str
    hard: bool
    stratum: int | None


class CandidateShape(Link):
    specimen: Link
    origin: str
    models: list[Link]
    digest: str
    mask: str | None
    """None where it was rejected long ago and is not kept any more."""
    own_score: float
    score: float
    uncertainty: float | None
    rejected: bool
    created_at: datetime


class CandidateWithVersions(CandidateShape):
    versions: list[Link]
    """That accepted it."""


class PromotionLine(BaseModel):
    person: Link
    created_at: datetime


class ModelShape(BaseModel):
    id: int
    variant: str
    created_at: datetime
    page: str
    metrics: Json
    round: Link
    learned_from: str
    """The training set of its round."""
    versions: str
    """Its masks that were accepted."""
    candidates: str
    measurements: str
    weights: str
    card: str
    rounds: list[Link]
    """That began with its weights."""
    promotions: list[PromotionLine]


class RoundShape(BaseModel):
    number: int
    state: str
    preset: str
    created_at: datetime
    page: str
    person: Link | None
    hard_tags: list[str]
    start_model: Link | None
    training: int
    validation: int
    versions: str
    models: list[Link]


class SpecimenShape(BaseModel):
    id: int
    key: str
    source: str
    state: str
    page: str
    stratum: int | None
    version: Link | None
    """Its label now."""
    versions: list[Link]
    candidates: list[Link]


class PersonShape(BaseModel):
    id: int
    name: str
    versions: str


class MatchShape(Link):
    how: How
    number: int
    page: str
    specimen: SpecimenLink


class FoundShape(BaseModel):
    matches: list[MatchShape]
    page: str
    """Where a person sees them."""
