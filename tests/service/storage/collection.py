"""A small collection in which everything has happened once."""

from app.blobs import Blobs
from app.db import Database, now
from app.domain.jobs import JobKind
from app.domain.labelling import Candidate, Decision
from app.domain.people import Person
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Crop, Specimen
from app.services import drafts, jobs, labelling
from app.services.labelling import NewDecision
from ml.imaging.masks import encode_mask
from ml.imaging.probability import encode_probability
from tests import factories

SPECIMENS = 6


def fill(db: Database, blobs: Blobs, person: Person) -> None:
    """Six specimens, labels with a history, reviews of every kind, a draft, a round, a job."""
    for number in range(SPECIMENS):
        with db.transaction() as session:
            factories.make_specimen(session, blobs, f"蛾-{number}")
    with db.transaction() as session:
        specimen = session.get_one(Specimen, 1)
        for grown in range(3):
            factories.make_version(session, blobs, specimen, person, grown=grown)
        drawn = blobs.put(encode_mask(factories.moth_mask(3)))
        drafts.save(session, person.id, session.get_one(Crop, 2), drawn, None)
    add_round(db, blobs, 1)
    decide(db, person, 2, Decision.ACCEPT, candidate_id=3)
    decide(db, person, 3, Decision.REJECT, candidate_id=5, reasons=["hole"])
    rejected = decide(db, person, 4, Decision.REJECT, candidate_id=7, reasons=["hole"])
    decide(db, person, 4, Decision.RETRACT, retracts_id=rejected)
    decide(db, person, 5, Decision.UNUSABLE, reasons=["damaged"])
    decide(db, person, 6, Decision.SKIP)


def decide(
    db: Database,
    person: Person,
    specimen_id: int,
    decision: Decision,
    again: int = 0,
    **named: object,
) -> int:
    wanted = NewDecision(f"{specimen_id}-{decision}-{again}", decision, **named)  # type: ignore[arg-type]
    with db.transaction() as session:
        return labelling.decide(session, person.id, specimen_id, wanted).id


def add_round(db: Database, blobs: Blobs, number: int) -> int:
    """A round whose model has predicted the first specimens, with maps of probability."""
    with db.transaction() as session:
        job = jobs.start(session, JobKind.ROUND, None)
        jobs.all_parts_added(session, job.id)
        round_ = Round(
            number=number, job_id=job.id, preset="tiny", configs={}, created_at=now(session)
        )
        session.add(round_)
        session.flush()
        model = TrainedModel(
            round_id=round_.id,
            variant="random",
            weights_digest=blobs.put(f"weights {number}".encode()),
            card_digest=blobs.put(f"card {number}".encode()),
            metrics={},
            created_at=now(session),
        )
        session.add(model)
        session.flush()
        for specimen_id in range(1, 4):
            specimen = session.get_one(Specimen, specimen_id)
            candidate = factories.make_candidate(
                session, blobs, specimen, f"model:{model.id}", grown=4, model_id=model.id
            )
            shade = (factories.moth_mask(4) / 255 * (0.5 + number / 10)).astype("float32")
            shade[0, specimen_id] = 0.25
            candidate.probability_digest = blobs.put(encode_probability(shade))
        return model.id


def predicted(db: Database, model_id: int) -> list[int]:
    with db.reading() as session:
        found = session.query(Candidate.id).filter(Candidate.model_id == model_id)
        return [number for (number,) in found.order_by(Candidate.id)]
