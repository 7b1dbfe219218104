"""Decisions as curators make them, and what is learned from them."""

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import FolderBlobs
from app.db import Database, now
from app.domain.calibrations import Calibration
from app.domain.jobs import Job, JobKind, Part, PartKind
from app.domain.labelling import Candidate, Decision, Review
from app.domain.people import Person
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Specimen
from app.services import jobs, labelling, round_keeping
from app.services.jobs import ClaimedPart
from app.services.labelling import NewDecision
from tests import factories
from worker.jobs import calibrate

HANDLERS = {PartKind.CALIBRATE: calibrate.run}
WORSE, BETTER = "border", "grabcut"
"""What scores itself higher, and what curators accept all the same."""


def add_specimens(
    db: Database, blobs: FolderBlobs, count: int, *, source: str = "TEST", prefix: str = "moth"
) -> list[int]:
    """Each has a mask that is overrated, and a better one that is shown after it."""
    with db.transaction() as session:
        made = [
            factories.make_specimen(
                session,
                blobs,
                f"{prefix}-{number}",
                source_code=source,
                methods=(WORSE, BETTER),
            )
            for number in range(count)
        ]
        return [specimen.id for specimen in made]


def candidates(db: Database, specimen_id: int) -> dict[str, Candidate]:
    with db.reading() as session:
        query = select(Candidate).where(Candidate.specimen_id == specimen_id)
        return {candidate.origin: candidate for candidate in session.scalars(query)}


def shown(db: Database, specimen_id: int) -> list[str]:
    """The origins of its candidates in the order in which the review shows them."""
    found = candidates(db, specimen_id).values()
    return [each.origin for each in sorted(found, key=lambda each: -each.score)]


def accept(db: Database, person: Person, ids: Sequence[int], origin: str = BETTER) -> list[Review]:
    with db.transaction() as session:
        query = select(Candidate).where(Candidate.specimen_id.in_(ids), Candidate.origin == origin)
        found = {candidate.specimen_id: candidate.id for candidate in session.scalars(query)}
        return [
            _decide(session, person, id_, Decision.ACCEPT, candidate_id=found[id_]) for id_ in ids
        ]


def decide(
    db: Database, person: Person, specimen_id: int, decision: Decision, **named: object
) -> Review:
    with db.transaction() as session:
        return _decide(session, person, specimen_id, decision, **named)


def _decide(
    session: Session, person: Person, specimen_id: int, decision: Decision, **named: object
) -> Review:
    parent_id = session.get_one(Specimen, specimen_id).version_id
    wanted = NewDecision(uuid4().hex, decision, parent_id=parent_id, **named)  # type: ignore[arg-type]
    return labelling.decide(session, person.id, specimen_id, wanted)


def queued(db: Database) -> list[Part]:
    with db.reading() as session:
        query = select(Part).join(Job, Job.id == Part.job_id)
        return list(session.scalars(query.where(Job.kind == JobKind.CALIBRATION)))


def claim(db: Database) -> ClaimedPart:
    with db.transaction() as session:
        claimed = jobs.claim(session, queued(db)[-1].id)
    assert claimed is not None
    assert claimed.kind is PartKind.CALIBRATE
    return claimed


def calibrations(db: Database) -> list[Calibration]:
    with db.reading() as session:
        return list(session.scalars(select(Calibration).order_by(Calibration.id)))


def add_models(db: Database, count: int) -> list[int]:
    """Models that nobody trained, oldest first."""
    made = []
    for number in range(1, count + 1):
        with db.transaction() as session:
            round_ = Round(
                number=number,
                job_id=jobs.start(session, JobKind.ROUND, None).id,
                preset="tiny",
                configs={},
                created_at=now(session),
            )
            session.add(round_)
            session.flush()
            model = TrainedModel(
                round_id=round_.id,
                variant="random",
                weights_digest="0" * 64,
                card_digest="0" * 64,
                metrics={"validation_dice": 0.95},
                created_at=now(session),
            )
            made.append(round_keeping.store_model(session, model).id)
    return made
