"""The label versions of a specimen: who made them, of what, and which models learned from them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.domain.labelling import Candidate, LabelVersion
from app.domain.photographs import Photograph, PhotographKind
from app.domain.rounds import Round, RoundLabel, TrainedModel
from app.domain.specimens import Crop, CropMap, MapKind, Specimen, Split, Tag
from app.errors import NotFound
from app.services import audit, calibrating
from app.services.audit import AuditFilter, AuditLine
from app.services.calibrating import Standing

PAGE = 20
DECISIONS = 20


@dataclass(frozen=True)
class Training:
    """A round that learned from a version, or watched how well it does on it."""

    round: int
    split: Split
    model_id: int | None
    """None while the round has made no model."""
    variant: str | None


@dataclass(frozen=True)
class VersionEntry:
    version: LabelVersion
    parent: int | None
    """Number of the version it replaced."""
    restored: int | None
    """Number of the version that it brings back."""
    reviews: list[AuditLine]
    trained: list[Training]


@dataclass(frozen=True)
class VersionsPage:
    """Some label versions, newest first."""

    specimen: Specimen
    entries: list[VersionEntry]

    @property
    def next_before(self) -> int | None:
        return self.entries[-1].version.number if len(self.entries) == PAGE else None


@dataclass(frozen=True)
class SpecimenDetail:
    specimen: Specimen
    photograph: Photograph
    label_photograph: Photograph | None
    """Shows the label of the same key."""
    crop: Crop | None
    candidates: Sequence[Candidate]
    versions: VersionsPage
    maps: Sequence[CropMap]
    decisions: list[AuditLine]
    tags: list[str]
    order: Standing | None
    """What the order of the candidates rests on, where anything was learned."""


def specimen_detail(session: Session, specimen_id: int) -> SpecimenDetail:
    specimen = _specimen(session, specimen_id)
    photograph = session.get_one(Photograph, specimen.photograph_id)
    tags = select(Tag.word).where(Tag.specimen_id == specimen_id).order_by(Tag.word)
    blocks = select(CropMap).where(
        CropMap.crop_id == specimen.crop_id, CropMap.kind == MapKind.BLOCKS
    )
    about_it = AuditFilter(specimen_id=specimen_id)
    return SpecimenDetail(
        specimen=specimen,
        photograph=photograph,
        label_photograph=_label_photograph(session, photograph),
        crop=session.get(Crop, specimen.crop_id or 0),
        candidates=_candidates(session, specimen),
        versions=VersionsPage(specimen, _entries(session, specimen_id, None)),
        maps=session.scalars(blocks.order_by(CropMap.method)).all(),
        decisions=audit.lines(session, about_it, limit=DECISIONS),
        tags=list(session.scalars(tags)),
        order=calibrating.standings(session, [specimen.source]).get(specimen.source_id),
    )


def versions(session: Session, specimen_id: int, before: int | None) -> VersionsPage:
    """At most PAGE versions whose number is below `before`."""
    return VersionsPage(_specimen(session, specimen_id), _entries(session, specimen_id, before))


def _specimen(session: Session, specimen_id: int) -> Specimen:
    specimen = session.get(Specimen, specimen_id, options=[joinedload(Specimen.source)])
    if specimen is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    return specimen


def _label_photograph(session: Session, photograph: Photograph) -> Photograph | None:
    query = select(Photograph).where(
        Photograph.source_id == photograph.source_id,
        Photograph.key == photograph.key,
        Photograph.kind == PhotographKind.LABEL,
    )
    return session.scalar(query.order_by(Photograph.id.desc()).limit(1))


def _candidates(session: Session, specimen: Specimen) -> Sequence[Candidate]:
    query = select(Candidate).where(
        Candidate.specimen_id == specimen.id, Candidate.crop_id == specimen.crop_id
    )
    return session.scalars(query.order_by(Candidate.score.desc(), Candidate.id)).all()


def _entries(session: Session, specimen_id: int, before: int | None) -> list[VersionEntry]:
    query = (
        select(LabelVersion)
        .options(joinedload(LabelVersion.person), joinedload(LabelVersion.crop))
        .where(LabelVersion.specimen_id == specimen_id)
        .order_by(LabelVersion.number.desc())
        .limit(PAGE)
    )
    if before is not None:
        query = query.where(LabelVersion.number < before)
    found = session.scalars(query).all()
    ids = [version.id for version in found]
    numbers = _numbers(session, found)
    reviews, trained = _reviews(session, ids), trained_with(session, ids)
    return [
        VersionEntry(
            version=version,
            parent=numbers.get(version.parent_id),
            restored=numbers.get(version.restores_id),
            reviews=reviews[version.id],
            trained=trained[version.id],
        )
        for version in found
    ]


def _numbers(session: Session, found: Sequence[LabelVersion]) -> dict[int | None, int]:
    ids = {id_ for version in found for id_ in (version.parent_id, version.restores_id) if id_}
    rows = session.execute(
        select(LabelVersion.id, LabelVersion.number).where(LabelVersion.id.in_(ids))
    )
    return dict(rows.all())


def _reviews(session: Session, ids: Sequence[int]) -> dict[int | None, list[AuditLine]]:
    found: dict[int | None, list[AuditLine]] = defaultdict(list)
    for line in audit.about_versions(session, ids):
        found[line.review.version_id].append(line)
    return found


def trained_with(session: Session, ids: Sequence[int]) -> dict[int, list[Training]]:
    """Rounds that learned from each of these versions, with their models."""
    query = (
        select(
            RoundLabel.version_id,
            Round.number,
            RoundLabel.split,
            TrainedModel.id,
            TrainedModel.variant,
        )
        .join(Round, Round.id == RoundLabel.round_id)
        .outerjoin(TrainedModel, TrainedModel.round_id == Round.id)
        .where(RoundLabel.version_id.in_(ids))
        .order_by(Round.number, TrainedModel.id)
    )
    found: dict[int, list[Training]] = defaultdict(list)
    for version_id, number, split, model_id, variant in session.execute(query):
        found[version_id].append(Training(number, split, model_id, variant))
    return found
