"""Who decided what, and when: every review with what it was about, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session, aliased

from app.db import Database
from app.domain.labelling import Candidate, Decision, LabelVersion, Review
from app.domain.people import Person
from app.domain.photographs import Source
from app.domain.specimens import Specimen
from app.services.csv_rows import csv_text

PAGE = 100
CHUNK = 1000
"""Rows of the CSV that one session reads."""


@dataclass(frozen=True)
class AuditFilter:
    """What is looked for; what is None does not matter. `until` is the first moment after it."""

    person_id: int | None = None
    source_id: int | None = None
    specimen_id: int | None = None
    decision: Decision | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class AuditLine:
    """A decision, and the names of what it concerns."""

    review: Review
    person: str
    source: str
    specimen: str
    candidate: str | None
    """Origin of the candidate that was judged."""
    number: int | None
    """Of the label version that was made, confirmed or rejected."""
    origin: str | None
    """Of that version."""
    undone: Decision | None
    """What was taken back, if this takes something back."""
    taken_back_by: str | None

    @property
    def confirms(self) -> bool:
        """A second person agreed with the label that stood."""
        review = self.review
        return review.decision is Decision.ACCEPT and review.version_id == review.parent_id


def lines(
    session: Session, wanted: AuditFilter, *, before: int | None = None, limit: int = PAGE
) -> list[AuditLine]:
    """At most `limit` decisions that were made before the review of this number."""
    query = _everything().where(*_conditions(wanted))
    query = query.order_by(Review.created_at.desc(), Review.id.desc()).limit(limit)
    if before is not None:
        moment = select(Review.created_at).where(Review.id == before).scalar_subquery()
        query = query.where(tuple_(Review.created_at, Review.id) < tuple_(moment, before))
    return [AuditLine(*row) for row in session.execute(query)]


def about_versions(session: Session, version_ids: Sequence[int]) -> list[AuditLine]:
    """Every decision that made, confirmed or rejected one of these versions, oldest first."""
    # Reviews are found by their specimen, for which there is an index.
    theirs = select(LabelVersion.specimen_id).where(LabelVersion.id.in_(version_ids))
    query = _everything().where(Review.specimen_id.in_(theirs), Review.version_id.in_(version_ids))
    query = query.order_by(Review.id)
    return [AuditLine(*row) for row in session.execute(query)]


def people(session: Session) -> Sequence[Person]:
    return session.scalars(select(Person).order_by(Person.name)).all()


def csv_pieces(database: Database, wanted: AuditFilter) -> Iterator[bytes]:
    """The whole list as CSV; each piece has a session of its own, so that none stays open long."""
    # With the mark, spreadsheet programs read Chinese names as UTF-8.
    yield csv_text([CSV_HEAD]).encode("utf-8-sig")
    before = None
    while True:
        with database.reading() as session:
            found = lines(session, wanted, before=before, limit=CHUNK)
        if found:
            yield csv_text([_row(line) for line in found]).encode()
        if len(found) < CHUNK:
            return
        before = found[-1].review.id


CSV_HEAD = (
    "time",
    "person",
    "source",
    "specimen",
    "decision",
    "reasons",
    "note",
    "candidate",
    "version",
    "origin",
    "takes_back",
    "taken_back_by",
    "review",
)


def _row(line: AuditLine) -> Sequence[object]:
    review = line.review
    return (
        review.created_at.isoformat(timespec="seconds"),
        line.person,
        line.source,
        line.specimen,
        review.decision.value,
        "; ".join(review.reasons),
        review.note,
        line.candidate,
        line.number,
        line.origin,
        review.retracts_id,
        line.taken_back_by,
        review.id,
    )


def _everything() -> Select[*tuple[Any, ...]]:
    undone, retraction, other = aliased(Review), aliased(Review), aliased(Person)
    return (
        select(
            Review,
            Person.name,
            Source.code,
            Specimen.key,
            Candidate.origin,
            LabelVersion.number,
            LabelVersion.origin,
            undone.decision,
            other.name,
        )
        .join(Person, Person.id == Review.person_id)
        .join(Specimen, Specimen.id == Review.specimen_id)
        .join(Source, Source.id == Specimen.source_id)
        .outerjoin(Candidate, Candidate.id == Review.candidate_id)
        .outerjoin(LabelVersion, LabelVersion.id == Review.version_id)
        .outerjoin(undone, undone.id == Review.retracts_id)
        .outerjoin(retraction, retraction.retracts_id == Review.id)
        .outerjoin(other, other.id == retraction.person_id)
    )


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.person_id is not None:
        found.append(Review.person_id == wanted.person_id)
    if wanted.source_id is not None:
        found.append(Specimen.source_id == wanted.source_id)
    if wanted.specimen_id is not None:
        found.append(Review.specimen_id == wanted.specimen_id)
    if wanted.decision is not None:
        found.append(Review.decision == wanted.decision)
    if wanted.since is not None:
        found.append(Review.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(Review.created_at < wanted.until)
    return found
