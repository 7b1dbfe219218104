"""Labels that are worth a second look: some at random, some that the newest model differs from.

Whoever finds a label right says so by accepting it again, which is a review like any other; whoever
does not, rejects it with reasons or draws it anew.
"""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.domain.labelling import Decision, LabelVersion, Review
from app.domain.queue import Why
from app.domain.rounds import TrainedModel
from app.domain.specimens import Specimen, SpecimenState
from app.services.queueing import CHECKED, Pick, Reason, merged


def waiting(exclude: Sequence[int] = ()) -> Select[Specimen]:
    """Specimens with a label that nobody has looked at since it was made."""
    again = select(Review.id).where(
        Review.specimen_id == Specimen.id,
        Review.decision == Decision.ACCEPT,
        Review.candidate_id.is_(None),
        Review.version_id == Specimen.version_id,
        Review.parent_id == Specimen.version_id,
    )
    return select(Specimen).where(
        Specimen.state == SpecimenState.LABELLED, Specimen.id.not_in(exclude), ~again.exists()
    )


def picks(session: Session, queue: Select[Specimen], limit: int) -> list[Pick]:
    """By turns one that the newest model differs from, and one at random.

    What was labelled after the model was made had its mask in view, and is no news.
    """
    newest = select(func.max(TrainedModel.created_at)).scalar_subquery()
    differing = (
        queue.join(LabelVersion, LabelVersion.id == Specimen.version_id)
        .where(Specimen.disagreement > 0, LabelVersion.created_at < newest)
        .order_by(Specimen.disagreement.desc(), Specimen.id)
        .limit(limit)
    )
    drawn = queue.order_by(Specimen.skips, Specimen.lot, Specimen.id).limit(limit)
    ranked, random = session.scalars(differing).all(), session.scalars(drawn).all()
    places = range(1, limit, 2) if ranked else range(limit)
    return list(merged(limit, places, iter(ranked), iter(random)))


def reason(pick: Pick) -> Reason:
    if pick.is_check:
        return CHECKED
    return Reason(Why.DISAGREEMENT, pick.specimen.disagreement or 0.0)
