"""What must hold between rows: each rule is one query, for which no row may be found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.domain import Base
from app.domain.detectors import DetectorRound
from app.domain.jobs import OPEN, Job, Part
from app.domain.labelling import Candidate, Decision, LabelVersion, Review
from app.domain.rounds import Round
from app.domain.specimens import Crop, Specimen, SpecimenState
from app.services.row_keys import key_of, name_of


@dataclass(frozen=True)
class Rule:
    kind: str
    name: str
    broken: Select[Any]
    """The keys of the rows that break it."""


def rules() -> Iterator[Rule]:
    yield from _references()
    yield from _sequences()
    yield from _same_specimen()
    yield from _versions_and_reviews()
    yield from _derived()


def file_faults(session: Session) -> list[str]:
    """What SQLite finds wrong with its own file; PostgreSQL checks its pages as it reads them."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    found = session.scalars(text("PRAGMA integrity_check(20)")).all()
    return [str(line) for line in found if line != "ok"]


def _references() -> Iterator[Rule]:
    """Rows that name rows which do not exist."""
    for table in Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            child = list(constraint.columns)
            parent = constraint.referred_table.alias("parent")
            pairs = zip(child, constraint.elements, strict=True)
            matching = and_(*(parent.c[key.column.name] == column for column, key in pairs))
            broken = select(key_of(table)).where(
                *(column.is_not(None) for column in child), ~exists().where(matching)
            )
            names = ", ".join(column.name for column in child)
            yield Rule("reference", f"{table.name}.{names}", broken)


NUMBERED: tuple[tuple[InstrumentedAttribute[int], tuple[InstrumentedAttribute[Any], ...]], ...] = (
    (Crop.number, (Crop.specimen_id,)),
    (LabelVersion.number, (LabelVersion.specimen_id,)),
    (Round.number, ()),
    (DetectorRound.number, ()),
)


def _sequences() -> Iterator[Rule]:
    """Numbers that do not run from 1 on without a gap."""
    for number, group in NUMBERED:
        broken = select(*(group or (func.max(number),))).group_by(*group)
        gap = or_(func.min(number) != 1, func.max(number) != func.count(number))
        yield Rule("sequence", name_of(number), broken.having(gap))


def _same_specimen() -> Iterator[Rule]:
    """Rows that belong together, but to different specimens."""
    pairs: Sequence[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any], Any]] = (
        (Specimen.crop_id, Specimen.id, Crop),
        (Specimen.version_id, Specimen.id, LabelVersion),
        (Specimen.best_candidate_id, Specimen.id, Candidate),
        (Candidate.crop_id, Candidate.specimen_id, Crop),
        (LabelVersion.crop_id, LabelVersion.specimen_id, Crop),
        (LabelVersion.parent_id, LabelVersion.specimen_id, LabelVersion),
        (LabelVersion.restores_id, LabelVersion.specimen_id, LabelVersion),
        (LabelVersion.candidate_id, LabelVersion.specimen_id, Candidate),
        (Review.candidate_id, Review.specimen_id, Candidate),
        (Review.version_id, Review.specimen_id, LabelVersion),
        (Review.parent_id, Review.specimen_id, LabelVersion),
        (Review.retracts_id, Review.specimen_id, Review),
    )
    for column, specimen, kind in pairs:
        other = aliased(kind)
        broken = select(key_of(column.class_.__table__)).join(other, other.id == column)
        yield Rule("reference", name_of(column), broken.where(other.specimen_id != specimen))


def _versions_and_reviews() -> Iterator[Rule]:
    parent = aliased(LabelVersion)
    earlier = select(LabelVersion.id).join(parent, parent.id == LabelVersion.parent_id)
    yield Rule(
        "sequence", "label_version.parent_id", earlier.where(parent.number >= LabelVersion.number)
    )
    accepted = Review.decision == Decision.ACCEPT
    nothing = select(Review.id).where(accepted, Review.version_id.is_(None))
    yield Rule("reference", "review.version_id", nothing)
    taken_back = (Review.decision == Decision.RETRACT) != Review.retracts_id.is_not(None)
    yield Rule("reference", "review.retracts_id", select(Review.id).where(taken_back))


def _derived() -> Iterator[Rule]:
    """What is kept beside the rows that it follows from."""
    mine = (Candidate.specimen_id == Specimen.id, Candidate.crop_id == Specimen.crop_id)
    every = select(func.count()).where(*mine).select_from(Candidate).scalar_subquery()
    is_open = Candidate.rejected.is_(False)
    still = select(func.count()).where(*mine, is_open).select_from(Candidate).scalar_subquery()
    miscounted = or_(Specimen.candidates != every, Specimen.open_candidates != still)
    yield Rule("derived", "specimen.candidates", select(Specimen.id).where(miscounted))
    yield Rule("derived", "specimen.state", select(Specimen.id).where(Specimen.state != _state()))
    best = select(Candidate.id).where(*mine, is_open, Candidate.id == Specimen.best_candidate_id)
    unlike = Specimen.best_candidate_id.is_(None) == (Specimen.open_candidates > 0)
    gone = Specimen.best_candidate_id.is_not(None) & ~best.exists()
    yield Rule("derived", "specimen.best_candidate_id", select(Specimen.id).where(unlike | gone))
    late = select(Part.id).join(Job, Job.id == Part.job_id)
    ended = Job.state.not_in(OPEN) & Part.state.in_(OPEN)
    yield Rule("derived", "part.state", late.where(ended))


def _state() -> ColumnElement[SpecimenState]:
    """As `Specimen.settle` has it."""
    return case(
        (Specimen.unusable, SpecimenState.UNUSABLE),
        (Specimen.version_id.is_not(None), SpecimenState.LABELLED),
        (Specimen.candidates > 0, SpecimenState.PROPOSED),
        (Specimen.crop_id.is_not(None), SpecimenState.CROPPED),
        (Specimen.searched, SpecimenState.UNCROPPED),
        else_=SpecimenState.IMPORTED,
    )
