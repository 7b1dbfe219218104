"""Learns from decisions which candidates a source's curators accept, and orders the open ones."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.specimens import Specimen
from app.services import calibrating, evidence
from app.services.jobs import ClaimedPart
from ml.acceptance.learned import Decided
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.holding import storing

MOST = 5000
"""Specimens, those decided on last, of the source; and as many of all the others."""
AT_ONCE = 200


@dataclass(frozen=True)
class Known:
    """What curators have decided up to a moment."""

    mine: list[Decided]
    others: list[Decided]
    moment: datetime


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    from ml.acceptance.learning import learn  # scikit-learn takes a second to load

    source_id: int = part.payload["source"]
    on_progress(Progress("learning", 0, 1))
    known = _read(context, source_id)
    on_progress(Progress("learning", 0, 1))
    learned = learn(known.mine, known.others)
    with storing(context, part) as session:
        calibrating.store(
            session,
            source_id,
            decisions=len({row.specimen for row in known.mine}),
            coefficients=learned.coefficients,
            quality=learned.quality.as_json() if learned.quality is not None else {},
            learned_at=known.moment,
        )
    _score_open(context, part, source_id, on_progress)


def _read(context: Context, source_id: int) -> Known:
    moment = context.db.clock()
    with context.db.reading() as session:
        mine = evidence.decided(session, Specimen.source_id == source_id, MOST)
        others = evidence.decided(session, Specimen.source_id != source_id, MOST)
        return Known(list(mine), list(others), moment)


def _score_open(
    context: Context, part: ClaimedPart, source_id: int, on_progress: OnProgress
) -> None:
    after, done = 0, 0
    while True:
        on_progress(Progress("scoring", done, 0))  # many thousand may wait, longer than a heartbeat
        with storing(context, part) as session:
            some = calibrating.open_specimens(session, source_id, after, AT_ONCE)
            calibrating.settle(session, some)
            if not some:
                return
            after, done = some[-1].id, done + len(some)
