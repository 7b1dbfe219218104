"""Rounds as a test starts them, and what they left behind."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import Job, JobState, Part, PartKind
from app.domain.rounds import Epoch, Round, TrainedModel
from app.domain.specimens import Split
from app.services import jobs, round_starting, rounds
from app.services.jobs import ClaimedPart
from app.services.rounds import FrozenLabel
from ml.config import NetworkConfig
from ml.progress import OnProgress, Progress
from tests.unit.learning.ellipses import SMALL

QUICK = replace(
    SMALL,
    network=NetworkConfig(base=4, depth=2),
    batch=4,
    steps_per_epoch=2,
    epochs=3,
    stop_patience=100,
)


class Killed(BaseException):
    """The worker is gone in the middle of its work."""


def start(db: Database, preset: str = "tiny") -> Round:
    """Start a round that begins from scratch, whatever models there are."""
    with db.transaction() as session:
        round_ = round_starting.start_round(session, preset=preset, person_id=None)
        round_.start_model_id = None
        return round_


def finish(db: Database, round_: Round, state: JobState = JobState.DONE) -> None:
    with db.transaction() as session:
        session.get_one(Job, round_.job_id).state = state


def add_model(db: Database, round_: Round) -> TrainedModel:
    """A model that nobody trained; its round is over."""
    with db.transaction() as session:
        model = TrainedModel(
            round_id=round_.id,
            variant="random",
            weights_digest="0" * 64,
            card_digest="0" * 64,
            metrics={"validation_dice": 0.9},
            created_at=db.clock(),
        )
        session.add(model)
    finish(db, round_)
    return model


def frozen(db: Database, round_: Round) -> list[FrozenLabel]:
    with db.reading() as session:
        return rounds.frozen_labels(session, round_.id)


def validation_versions(db: Database, round_: Round) -> set[int]:
    labels = frozen(db, round_)
    return {label.version_id for label in labels if label.split is Split.VALIDATION}


def model_of(db: Database, round_: Round) -> TrainedModel | None:
    with db.reading() as session:
        return next(iter(rounds.models_of(session, round_.id)), None)


def weights_of(db: Database, round_: Round) -> str:
    model = model_of(db, round_)
    assert model is not None
    return model.weights_digest


def epoch_numbers(db: Database, round_: Round) -> list[int]:
    with db.reading() as session:
        query = select(Epoch.number).where(Epoch.round_id == round_.id).order_by(Epoch.id)
        return list(session.scalars(query))


def job_state(db: Database, round_: Round) -> JobState:
    with db.reading() as session:
        return session.get_one(Job, round_.job_id).state


def parts(db: Database, round_: Round, kind: PartKind) -> list[Part]:
    with db.reading() as session:
        query = select(Part).where(Part.job_id == round_.job_id, Part.kind == kind)
        return list(session.scalars(query.order_by(Part.id)))


def claim(db: Database, round_: Round, kind: PartKind = PartKind.TRAIN) -> ClaimedPart:
    with db.transaction() as session:
        claimed = jobs.claim(session, parts(db, round_, kind)[0].id)
    assert claimed is not None
    return claimed


def killed_after(epoch: int) -> OnProgress:
    """An `on_progress` that ends the training in the epoch after this one."""

    def kill(progress: Progress) -> None:
        if progress.stage == "train" and progress.done > epoch * QUICK.steps_per_epoch:
            raise Killed

    return kill


def stored(blobs: FolderBlobs) -> set[str]:
    """Digests of everything in the blob store."""
    files = (path for path in blobs.root.rglob("*") if path.is_file())
    return {_digest(path.relative_to(blobs.root)) for path in files}


def _digest(path: Path) -> str:
    return "".join(path.parts)
