"""What services found of the lineage of masks, made into shapes of the API."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from app.domain.jobs import Job
from app.domain.labelling import Candidate
from app.domain.people import Person
from app.services.audit import AuditLine
from app.services.history import Training
from app.services.lineage import VersionLine, VersionLineage
from app.services.lineage_lookup import Match
from app.services.round_repeating import FrozenLine
from app.web.addresses import blob_url
from app.web.api.lineage_shapes import (
    CandidateShape,
    ExportLine,
    FrozenRow,
    Item,
    Link,
    MatchShape,
    PageOf,
    PersonLink,
    ReviewLine,
    SpecimenLink,
    TrainingLine,
    VersionRow,
    VersionShape,
)

API = "/api/v1"
Row = TypeVar("Row")


class Numbered(Protocol):
    @property
    def id(self) -> int: ...


def link(noun: str, number: int) -> Link:
    return Link(id=number, href=f"{API}/{noun}/{number}")


def link_or_none(noun: str, number: int | None) -> Link | None:
    return link(noun, number) if number is not None else None


def links(noun: str, rows: Iterable[Numbered]) -> list[Link]:
    return [link(noun, row.id) for row in rows]


def page_of(
    rows: Sequence[Row], limit: int, shape: Callable[[Row], Item], address: str
) -> PageOf[Item]:
    """A page of shapes, whose last one's number the next page begins behind."""
    items = [shape(row) for row in rows]
    more = len(items) == limit
    following = f"{address}?limit={limit}&after={items[-1].id}" if more else None
    return PageOf(items=items, next=following)


def person_link(person: Person) -> PersonLink:
    return PersonLink(**link("people", person.id).model_dump(), name=person.name)


def specimen_link(number: int, key: str, source: str) -> SpecimenLink:
    return SpecimenLink(**link("specimens", number).model_dump(), key=key, source=source)


def version_shape(found: VersionLineage) -> VersionShape:
    version, model = found.version, found.model
    href = f"{API}/versions/{version.id}"
    return VersionShape(
        id=version.id,
        number=version.number,
        counts=found.counts,
        digest=version.digest,
        mask=blob_url(version.digest),
        origin=version.origin,
        created_at=version.created_at,
        page=f"/versions/{version.id}",
        person=person_link(version.person),
        specimen=specimen_link(version.specimen_id, version.specimen.key, found.source),
        parent=link_or_none("versions", version.parent_id),
        restores=link_or_none("versions", version.restores_id),
        replaced_by=links("versions", found.replaced_by),
        candidate=link_or_none("candidates", version.candidate_id),
        model=link_or_none("models", version.model_id),
        round=link("rounds", model.round.number) if model is not None else None,
        reviews=[review_line(line) for line in found.reviews],
        rounds=f"{href}/rounds",
        exports=f"{href}/exports",
    )


def review_line(line: AuditLine) -> ReviewLine:
    review = line.review
    person = PersonLink(**link("people", review.person_id).model_dump(), name=line.person)
    return ReviewLine(
        id=review.id,
        decision=review.decision,
        person=person,
        reasons=review.reasons,
        note=review.note,
        created_at=review.created_at,
        taken_back_by=line.taken_back_by,
    )


def training_line(training: Training) -> TrainingLine:
    return TrainingLine(
        round=link("rounds", training.round),
        split=training.split,
        model=link_or_none("models", training.model_id),
        variant=training.variant,
    )


def export_line(job: Job) -> ExportLine:
    address = f"{API}/exports/{job.id}"
    return ExportLine(
        id=job.id,
        href=f"{API}/jobs/{job.id}",
        created_at=job.created_at,
        archive=f"{address}/archive",
        versions=f"{address}/versions",
    )


def version_row(line: VersionLine) -> VersionRow:
    return VersionRow(
        **link("versions", line.id).model_dump(),
        number=line.number,
        specimen=specimen_link(line.specimen_id, line.key, line.source),
        origin=line.origin,
        digest=line.digest,
    )


def frozen_row(line: FrozenLine) -> FrozenRow:
    return FrozenRow(
        **link("versions", line.version_id).model_dump(),
        number=line.number,
        specimen=specimen_link(line.specimen_id, line.key, line.source),
        split=line.split,
        hard=line.hard,
        stratum=line.stratum,
    )


def candidate_shape(candidate: Candidate) -> CandidateShape:
    return CandidateShape(
        **link("candidates", candidate.id).model_dump(),
        specimen=link("specimens", candidate.specimen_id),
        origin=candidate.origin,
        models=_models(candidate),
        digest=candidate.digest,
        mask=None if candidate.pruned else blob_url(candidate.digest),
        own_score=candidate.own_score,
        score=candidate.score,
        uncertainty=candidate.uncertainty,
        rejected=candidate.rejected,
        created_at=candidate.created_at,
    )


def _models(candidate: Candidate) -> list[Link]:
    """Several where they predicted together."""
    together = candidate.origin.partition("models:")[2]
    if together:
        return [link("models", int(number)) for number in together.split("+")]
    return [link("models", candidate.model_id)] if candidate.model_id is not None else []


def match_shape(match: Match) -> MatchShape:
    version, specimen = match.version, match.version.specimen
    return MatchShape(
        **link("versions", version.id).model_dump(),
        how=match.how,
        number=version.number,
        page=f"/versions/{version.id}",
        specimen=specimen_link(specimen.id, specimen.key, specimen.source.code),
    )
