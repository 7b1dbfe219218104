"""Lists and details of specimens for the pages; long lists come a page at a time, by key."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.domain.labelling import Candidate, LabelVersion, Review
from app.domain.photographs import Photograph, Source
from app.domain.rounds import Round, RoundLabel, TrainedModel
from app.domain.specimens import Crop, Specimen, SpecimenState, Tag
from app.errors import NotFound

PAGE = 60


@dataclass(frozen=True)
class SpecimenTile:
    """A specimen as one picture in a list: on blue where there is a mask, else as it is."""

    id: int
    key: str
    source: str
    state: SpecimenState
    crop_digest: str | None
    mask_digest: str | None


@dataclass(frozen=True)
class VersionHistory:
    version: LabelVersion
    trained: list[int]
    """Numbers of the rounds that learned from it."""
    reviews: list[Review]


@dataclass(frozen=True)
class SpecimenDetail:
    specimen: Specimen
    photograph: Photograph
    crop: Crop | None
    candidates: Sequence[Candidate]
    history: list[VersionHistory]
    reviews: Sequence[Review]
    tags: list[str]


def state_counts(session: Session) -> dict[SpecimenState, int]:
    per_state = select(Specimen.state, func.count()).group_by(Specimen.state)
    found = dict(session.execute(per_state).all())
    return {state: found.get(state, 0) for state in SpecimenState}


def specimen_tiles(
    session: Session, *, state: SpecimenState | None = None, search: str = "", after: int = 0
) -> list[SpecimenTile]:
    """At most PAGE specimens whose number is above `after`."""
    best = _best_mask().scalar_subquery()
    query = (
        select(
            Specimen.id,
            Specimen.key,
            Source.code,
            Specimen.state,
            Crop.preview_digest,
            func.coalesce(LabelVersion.digest, best),
        )
        .join(Source, Source.id == Specimen.source_id)
        .outerjoin(Crop, Crop.id == Specimen.crop_id)
        .outerjoin(LabelVersion, LabelVersion.id == Specimen.version_id)
        .where(Specimen.id > after)
        .order_by(Specimen.id)
        .limit(PAGE)
    )
    if state is not None:
        query = query.where(Specimen.state == state)
    if search:
        query = query.where(Specimen.key.icontains(search, autoescape=True))
    return [SpecimenTile(*row) for row in session.execute(query)]


def specimen_detail(session: Session, specimen_id: int) -> SpecimenDetail:
    specimen = session.get(Specimen, specimen_id, options=[joinedload(Specimen.source)])
    if specimen is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    reviews = session.scalars(
        select(Review)
        .options(joinedload(Review.person))
        .where(Review.specimen_id == specimen_id)
        .order_by(Review.id.desc())
    ).all()
    return SpecimenDetail(
        specimen=specimen,
        photograph=session.get_one(Photograph, specimen.photograph_id),
        crop=session.get(Crop, specimen.crop_id or 0),
        candidates=_candidates(session, specimen),
        history=_history(session, specimen_id, reviews),
        reviews=reviews,
        tags=list(session.scalars(select(Tag.word).where(Tag.specimen_id == specimen_id))),
    )


def _best_mask() -> Select[str]:
    return (
        select(Candidate.digest)
        .where(
            Candidate.specimen_id == Specimen.id,
            Candidate.crop_id == Specimen.crop_id,
            Candidate.rejected.is_(False),
        )
        .order_by(Candidate.score.desc(), Candidate.id)
        .limit(1)
        .correlate(Specimen)
    )


def _candidates(session: Session, specimen: Specimen) -> Sequence[Candidate]:
    query = select(Candidate).where(
        Candidate.specimen_id == specimen.id, Candidate.crop_id == specimen.crop_id
    )
    return session.scalars(query.order_by(Candidate.score.desc(), Candidate.id)).all()


def _history(session: Session, specimen_id: int, reviews: Sequence[Review]) -> list[VersionHistory]:
    versions = session.scalars(
        select(LabelVersion)
        .options(joinedload(LabelVersion.person), joinedload(LabelVersion.crop))
        .where(LabelVersion.specimen_id == specimen_id)
        .order_by(LabelVersion.number.desc())
    ).all()
    trained = session.execute(
        select(RoundLabel.version_id, Round.number)
        .join(Round, Round.id == RoundLabel.round_id)
        .where(RoundLabel.version_id.in_([version.id for version in versions]))
        .order_by(Round.number)
    ).all()
    return [
        VersionHistory(
            version=version,
            trained=[number for version_id, number in trained if version_id == version.id],
            reviews=[review for review in reviews if review.version_id == version.id],
        )
        for version in versions
    ]


@dataclass(frozen=True)
class RoundLine:
    round: Round
    labels: int
    model: TrainedModel | None


def round_lines(session: Session) -> list[RoundLine]:
    """Every round, newest first, with how many labels it froze and what it made."""
    labels = dict(
        session.execute(
            select(RoundLabel.round_id, func.count()).group_by(RoundLabel.round_id)
        ).all()
    )
    models = {model.round_id: model for model in session.scalars(select(TrainedModel))}
    rounds = session.scalars(
        select(Round).options(joinedload(Round.job)).order_by(Round.number.desc())
    )
    return [RoundLine(round_, labels.get(round_.id, 0), models.get(round_.id)) for round_ in rounds]


def models(session: Session) -> Sequence[TrainedModel]:
    query = select(TrainedModel).options(joinedload(TrainedModel.round))
    return session.scalars(query.order_by(TrainedModel.id.desc())).all()
