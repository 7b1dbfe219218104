"""Where a mask comes from and where it went, one step at a time and in both directions.

mask → label version → reviewer, candidate → trained model → round → the versions it learned from;
and back: version → rounds and exports that hold it, round → models → their candidates and versions.
Each step is found by an index; what can be long comes a page at a time, by number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.domain.exports import ExportedMask
from app.domain.jobs import Job
from app.domain.labelling import Candidate, LabelVersion
from app.domain.people import Person
from app.domain.photographs import Source
from app.domain.rounds import Promotion, Round, RoundLabel, TrainedModel
from app.domain.specimens import Specimen, Split
from app.errors import NotFound
from app.services import audit, history
from app.services.audit import AuditLine
from app.services.history import Training

MOST_EXPORTS = 100


@dataclass(frozen=True)
class VersionLineage:
    """A label version with its neighbours in every direction."""

    version: LabelVersion
    source: str
    """Code of the source."""
    parent: LabelVersion | None
    restored: LabelVersion | None
    """The earlier version whose mask it brings back."""
    replaced_by: Sequence[LabelVersion]
    """Versions that were based on it, oldest first."""
    candidate: Candidate | None
    model: TrainedModel | None
    """With its round, where a model made the candidate."""
    reviews: list[AuditLine]
    trained: list[Training]
    """Rounds that learned from it or were validated on it, and their models."""
    exports: Sequence[Job]
    """The newest that hold it."""

    @property
    def counts(self) -> bool:
        return self.version.specimen.version_id == self.version.id


@dataclass(frozen=True)
class RoundSize:
    training: int
    validation: int


@dataclass(frozen=True)
class VersionLine:
    """A label version in a list."""

    id: int
    number: int
    specimen_id: int
    key: str
    source: str
    origin: str
    digest: str


def of_version(session: Session, version_id: int) -> VersionLineage:
    version = _get_version(session, version_id)
    later = select(LabelVersion).where(
        LabelVersion.specimen_id == version.specimen_id, LabelVersion.parent_id == version.id
    )
    model = session.get(
        TrainedModel, version.model_id or 0, options=[joinedload(TrainedModel.round)]
    )
    return VersionLineage(
        version=version,
        source=version.specimen.source.code,
        parent=session.get(LabelVersion, version.parent_id or 0),
        restored=session.get(LabelVersion, version.restores_id or 0),
        replaced_by=session.scalars(later.order_by(LabelVersion.id)).all(),
        candidate=session.get(Candidate, version.candidate_id or 0),
        model=model,
        reviews=audit.about_versions(session, [version.id]),
        trained=rounds_with(session, version.id),
        exports=exports_with(session, version.id),
    )


def rounds_with(session: Session, version_id: int) -> list[Training]:
    """Rounds whose training set holds this version, with their models."""
    return history.trained_with(session, [version_id])[version_id]


def exports_with(session: Session, version_id: int) -> Sequence[Job]:
    """The newest exports that hold this version."""
    holding = (
        select(ExportedMask.job_id)
        .where(ExportedMask.version_id == version_id)
        .distinct()
        .order_by(ExportedMask.job_id.desc())
        .limit(MOST_EXPORTS)
    )
    ids = session.scalars(holding).all()
    return session.scalars(select(Job).where(Job.id.in_(ids)).order_by(Job.id.desc())).all()


def candidate(session: Session, candidate_id: int) -> Candidate:
    found = session.get(Candidate, candidate_id)
    if found is None:
        raise NotFound("There is no candidate {number}.", number=candidate_id)
    return found


def versions_of_candidate(session: Session, candidate: Candidate) -> Sequence[LabelVersion]:
    """Label versions that accepted it."""
    made = select(LabelVersion).where(
        LabelVersion.specimen_id == candidate.specimen_id, LabelVersion.candidate_id == candidate.id
    )
    return session.scalars(made.order_by(LabelVersion.id)).all()


def candidates_of_specimen(session: Session, specimen_id: int) -> Sequence[Candidate]:
    query = select(Candidate).where(Candidate.specimen_id == specimen_id)
    return session.scalars(query.order_by(Candidate.id)).all()


def versions_of_specimen(session: Session, specimen_id: int) -> Sequence[LabelVersion]:
    query = select(LabelVersion).where(LabelVersion.specimen_id == specimen_id)
    return session.scalars(query.order_by(LabelVersion.number)).all()


def specimen(session: Session, specimen_id: int) -> Specimen:
    found = session.get(Specimen, specimen_id, options=[joinedload(Specimen.source)])
    if found is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    return found


def person(session: Session, person_id: int) -> Person:
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound("There is no person {number}.", number=person_id)
    return found


def models_of_round(session: Session, round_id: int) -> Sequence[TrainedModel]:
    query = select(TrainedModel).where(TrainedModel.round_id == round_id)
    return session.scalars(query.order_by(TrainedModel.id)).all()


def rounds_from_model(session: Session, model_id: int) -> Sequence[int]:
    """Numbers of the rounds that began with its weights."""
    query = select(Round.number).where(Round.start_model_id == model_id)
    return session.scalars(query.order_by(Round.number)).all()


def promotions(session: Session, model_id: int) -> Sequence[Promotion]:
    query = select(Promotion).where(Promotion.model_id == model_id)
    return session.scalars(query.order_by(Promotion.id)).all()


def round_size(session: Session, round_id: int) -> RoundSize:
    per_side = (
        select(RoundLabel.split, func.count())
        .where(RoundLabel.round_id == round_id)
        .group_by(RoundLabel.split)
    )
    found = dict(session.execute(per_side).all())
    return RoundSize(found.get(Split.TRAINING, 0), found.get(Split.VALIDATION, 0))


def versions_of_model(
    session: Session, model_id: int, *, after: int, limit: int
) -> list[VersionLine]:
    """Label versions that are accepted masks of this model."""
    return _lines(session, _some().where(LabelVersion.model_id == model_id), after, limit)


def versions_by_person(
    session: Session, person_id: int, *, after: int, limit: int
) -> list[VersionLine]:
    return _lines(session, _some().where(LabelVersion.person_id == person_id), after, limit)


def versions_of_export(
    session: Session, job_id: int, *, after: int, limit: int
) -> list[VersionLine]:
    held = (
        select(ExportedMask.version_id)
        .where(ExportedMask.job_id == job_id, ExportedMask.version_id > after)
        .distinct()
        .order_by(ExportedMask.version_id)
        .limit(limit)
    )
    ids = session.scalars(held).all()
    return _lines(session, _some().where(LabelVersion.id.in_(ids)), after, limit)


def candidates_of_model(
    session: Session, model_id: int, *, after: int, limit: int
) -> Sequence[Candidate]:
    query = select(Candidate).where(Candidate.model_id == model_id, Candidate.id > after)
    return session.scalars(query.order_by(Candidate.id).limit(limit)).all()


def _some() -> Select[int, int, int, str, str, str, str]:
    return (
        select(
            LabelVersion.id,
            LabelVersion.number,
            Specimen.id,
            Specimen.key,
            Source.code,
            LabelVersion.origin,
            LabelVersion.digest,
        )
        .join(Specimen, Specimen.id == LabelVersion.specimen_id)
        .join(Source, Source.id == Specimen.source_id)
    )


def _lines(
    session: Session,
    query: Select[int, int, int, str, str, str, str],
    after: int,
    limit: int,
) -> list[VersionLine]:
    page = query.where(LabelVersion.id > after).order_by(LabelVersion.id).limit(limit)
    return [VersionLine(*row) for row in session.execute(page)]


def _get_version(session: Session, version_id: int) -> LabelVersion:
    options = [
        joinedload(LabelVersion.person),
        joinedload(LabelVersion.crop),
        joinedload(LabelVersion.specimen).joinedload(Specimen.source),
    ]
    version = session.get(LabelVersion, version_id, options=options)
    if version is None:
        raise NotFound("There is no label version {number}.", number=version_id)
    return version
