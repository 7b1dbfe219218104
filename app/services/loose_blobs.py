"""Bytes of trainings that a killed worker may leave behind, and the way to be rid of them.

What is about to be stored is noted first, and the note goes with the transaction that names the
bytes; what no row names any more is noted in the transaction that forgot it, and removed after it.
So whatever a worker leaves when it dies is noted, and the next sweep removes what no row names.
"""

from datetime import timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database, now
from app.domain.rounds import Checkpoint, ContactSheet, TrainedModel
from app.domain.steering import LooseBlob

AT_ONCE = 100


def note(session: Session, digest: str) -> None:
    """Remember bytes that no row may name; noted again, they count as noted now."""
    known = session.get(LooseBlob, digest, with_for_update=True)
    if known is None:
        session.add(LooseBlob(digest=digest, created_at=now(session)))
    else:
        known.created_at = now(session)
    session.flush()


def forget(session: Session, digest: str) -> bool:
    """A row names them now, or they are gone. False: nobody had noted them any more."""
    noted = delete(LooseBlob).where(LooseBlob.digest == digest).returning(LooseBlob.digest)
    return session.scalar(noted) is not None


def named(session: Session, blobs: Blobs, digest: str, data: bytes) -> None:
    """A row names them from this transaction on.

    A sweep that took them for left behind, as after a long pause or with a clock ahead, has removed
    them: they are stored again before anybody hears of the row.
    """
    if not forget(session, digest):
        blobs.put(data)


def remove(db: Database, blobs: Blobs, digest: str) -> None:
    """Remove bytes that were noted, unless a row names them again."""
    with db.transaction() as session:
        # Whoever is about to store the same bytes waits here, and then stores them anew.
        if session.get(LooseBlob, digest, with_for_update=True) is None:
            return
        if not _is_named(session, digest):
            blobs.remove(digest)
        forget(session, digest)


def sweep(db: Database, blobs: Blobs, *, older_than: timedelta) -> int:
    """Remove what workers left behind that died; returns how many were looked at."""
    with db.reading() as session:
        old = LooseBlob.created_at < db.clock() - older_than
        digests = session.scalars(select(LooseBlob.digest).where(old).limit(AT_ONCE)).all()
    for digest in digests:
        remove(db, blobs, digest)
    return len(digests)


def _is_named(session: Session, digest: str) -> bool:
    named = (
        select(Checkpoint.id).where(Checkpoint.digest == digest),
        select(ContactSheet.id).where(ContactSheet.digest == digest),
        select(TrainedModel.id).where(
            or_(TrainedModel.weights_digest == digest, TrainedModel.card_digest == digest)
        ),
    )
    return any(session.scalar(query.limit(1)) is not None for query in named)
