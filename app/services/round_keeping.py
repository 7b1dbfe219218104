"""Keeping what a training brings as it goes: curves, contact sheets, checkpoints, the model."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.rounds import Checkpoint, ContactSheet, Epoch, Round, TrainedModel
from app.domain.steering import TrainingLine
from app.services import calibrating, loose_blobs, predictions
from app.services.rounds import model_of

MOST_LINES = 200
"""Of a variant."""


def store_epoch(session: Session, epoch: Epoch) -> None:
    """Keep one point of the curves; an epoch that was trained again replaces its first try."""
    session.execute(
        delete(Epoch).where(
            Epoch.round_id == epoch.round_id,
            Epoch.variant == epoch.variant,
            Epoch.number >= epoch.number,
        )
    )
    session.add(epoch)


def store_sheet(session: Session, sheet: ContactSheet) -> None:
    """Keep a contact sheet; the sheet of an epoch that was trained again replaces the first."""
    session.execute(
        delete(ContactSheet).where(
            ContactSheet.round_id == sheet.round_id,
            ContactSheet.variant == sheet.variant,
            ContactSheet.epoch >= sheet.epoch,
        )
    )
    session.add(sheet)


def store_checkpoint(session: Session, checkpoint: Checkpoint) -> str | None:
    """Keep where training stands; returns the digest of bytes that no round needs any more."""
    before = find_checkpoint(session, checkpoint.round_id, checkpoint.variant)
    if before is None:
        session.add(checkpoint)
        return None
    replaced = before.digest
    before.epoch, before.digest = checkpoint.epoch, checkpoint.digest
    return _unless_needed(session, replaced)


def drop_checkpoint(session: Session, round_id: int, variant: str) -> str | None:
    """Forget where training stood; returns the digest of bytes that no round needs any more."""
    checkpoint = find_checkpoint(session, round_id, variant)
    if checkpoint is None:
        return None
    session.delete(checkpoint)
    return _unless_needed(session, checkpoint.digest)


def find_checkpoint(session: Session, round_id: int, variant: str) -> Checkpoint | None:
    mine = (Checkpoint.round_id == round_id) & (Checkpoint.variant == variant)
    return session.scalar(select(Checkpoint).where(mine))


def store_model(session: Session, model: TrainedModel) -> TrainedModel:
    """Keep the trained model and queue its predictions of every usable specimen, or neither."""
    known = model_of(session, model.round_id, model.variant)
    if known is not None:
        return known
    session.add(model)
    session.flush()
    predictions.queue(session, session.get_one(Round, model.round_id).job_id, [model.id])
    calibrating.notice_all(session)  # what was decided before orders what it predicts
    return model


def say(session: Session, round_id: int, variant: str, template: str, **values: object) -> None:
    """Keep a sentence of a training; the oldest go when there are too many."""
    line = TrainingLine(
        round_id=round_id,
        variant=variant,
        template=template,
        values=dict(values),
        created_at=now(session),
    )
    session.add(line)
    session.flush()
    of_variant = (TrainingLine.round_id == round_id) & (TrainingLine.variant == variant)
    newest = select(TrainingLine.id).where(of_variant).order_by(TrainingLine.id.desc())
    oldest_kept = session.scalar(newest.offset(MOST_LINES - 1).limit(1))
    if oldest_kept is not None:
        session.execute(delete(TrainingLine).where(of_variant, TrainingLine.id < oldest_kept))


def lines(session: Session, round_id: int, *, limit: int = 100) -> Sequence[TrainingLine]:
    """What the trainings of a round said last, the newest first."""
    query = select(TrainingLine).where(TrainingLine.round_id == round_id)
    return session.scalars(query.order_by(TrainingLine.id.desc()).limit(limit)).all()


def _unless_needed(session: Session, digest: str) -> str | None:
    """Rounds that learn the same from the same labels have the same checkpoint."""
    session.flush()
    needed = select(Checkpoint.id).where(Checkpoint.digest == digest).limit(1)
    if session.scalar(needed) is not None:
        return None
    loose_blobs.note(session, digest)
    return digest
