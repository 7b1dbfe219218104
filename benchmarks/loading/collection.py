"""What the curators of the load find: specimens with real pictures, some labelled, and a model."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, insert, select, text, update

from app.blobs import Blobs
from app.db import Database
from app.domain.jobs import Job, JobKind, JobState
from app.domain.labelling import Candidate, Decision, LabelVersion, Review
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Specimen, SpecimenState
from app.services import people, predictions
from benchmarks.reviewing import collection
from ml.checkpoints import Weights
from ml.networks.unet import UNet
from ml.presets import PRESETS

LABELLED = 3
"""Of ten specimens."""
METHOD = "kanezaki"
"""Every specimen has a candidate of it."""
PER_INSERT = 10_000


def is_there(database: Database) -> bool:
    with database.reading() as session:
        return session.scalar(select(Specimen.id).limit(1)) is not None


def fill(database: Database, blobs: Blobs, specimens: int, width: int) -> int:
    """Return the number of the model that is to predict."""
    collection.fill(database, blobs, specimens=specimens, width=width)
    _label(database)
    model_id = add_model(database, blobs)
    with database.transaction() as session:
        session.connection().execute(text("ANALYZE"))
    return model_id


def newest_model(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.max(TrainedModel.id))).one()


def start_predictions(database: Database, model_id: int) -> int:
    """Return the number of the job."""
    with database.transaction() as session:
        return predictions.start(session, [model_id], None).id


def _label(database: Database) -> None:
    with database.transaction() as session:
        person_id = people.get_or_make(session, "Before").id
    rows = list(_accepted(database, person_id))
    for first in range(0, len(rows), PER_INSERT):
        with database.transaction() as session:
            session.execute(insert(LabelVersion), rows[first : first + PER_INSERT])
    made = (
        select(LabelVersion.id)
        .where(LabelVersion.specimen_id == Specimen.id)
        .scalar_subquery()
        .correlate(Specimen)
    )
    reviews = select(
        LabelVersion.id, LabelVersion.specimen_id, LabelVersion.person_id, LabelVersion.created_at
    )
    with database.transaction() as session:
        labelled = Specimen.id % 10 < LABELLED
        state = {"version_id": made, "state": SpecimenState.LABELLED}
        session.execute(update(Specimen).where(labelled).values(state))
        rows_of = [
            {"decision_id": f"before-{version}", "specimen_id": specimen, "person_id": person,
             "version_id": version, "created_at": moment, "decision": Decision.ACCEPT,
             "reasons": [], "note": ""}
            for version, specimen, person, moment in session.execute(reviews)
        ]  # fmt: skip
        session.execute(insert(Review), rows_of)


def _accepted(database: Database, person_id: int) -> Iterator[dict[str, Any]]:
    query = select(Candidate.specimen_id, Candidate.crop_id, Candidate.digest, Candidate.created_at)
    chosen = query.where(Candidate.origin == METHOD, Candidate.specimen_id % 10 < LABELLED)
    with database.reading() as session:
        for specimen, crop, digest, moment in session.execute(chosen):
            yield {"specimen_id": specimen, "number": 1, "parent_id": None, "crop_id": crop,
                   "digest": digest, "person_id": person_id, "origin": METHOD,
                   "created_at": moment}  # fmt: skip


def add_model(database: Database, blobs: Blobs, number: int = 1) -> int:
    """A model that has learned nothing: it is as fast as one that has."""
    config = PRESETS["tiny"]
    tensors = UNet(config.network).state_dict()
    weights = Weights(config.network, config.side, tensors, training=config).to_bytes()
    moment = database.clock()
    with database.transaction() as session:
        job = Job(kind=JobKind.ROUND, state=JobState.DONE, result={}, created_at=moment)
        session.add(job)
        session.flush()
        configs = {"random": asdict(config)}
        round_ = Round(
            number=number, job_id=job.id, preset="tiny", configs=configs, created_at=moment
        )
        session.add(round_)
        session.flush()
        model = TrainedModel(
            round_id=round_.id,
            variant="random",
            weights_digest=blobs.put(weights),
            card_digest=blobs.put(b"{}"),
            metrics={"validation_dice": 0.9},
            created_at=moment,
        )
        session.add(model)
        session.flush()
        return model.id
