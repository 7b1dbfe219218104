"""Runs one part, whatever its kind. The only place where every exception is caught."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy.orm import Session

from app import logs
from app.domain.jobs import PartKind
from app.errors import DatabaseAway, MothmaskError
from app.services import jobs
from app.services.jobs import ClaimedPart
from ml.errors import BadInput
from ml.progress import OnProgress
from worker.beating import beating
from worker.context import Context
from worker.metrics import measured
from worker.progress import Cancelled, Reporter
from worker.stopping import Stopped

Handler = Callable[[Context, ClaimedPart, OnProgress], None]
Found = TypeVar("Found")

PAUSE_SECONDS = 1.0
"""Until the database is asked again when it was away."""

log = logging.getLogger(__name__)


def run_part(context: Context, handlers: Mapping[PartKind, Handler], part_id: int) -> None:
    """Do this part, or a more urgent one of its queue; nothing if none waits there."""
    part = _claim(context, part_id)
    if part is None:
        return
    with logs.about(job_id=part.job_id, part_id=part.id), measured(part.kind) as outcome:
        outcome.word = _run(context, handlers, part)


def _run(context: Context, handlers: Mapping[PartKind, Handler], part: ClaimedPart) -> str:
    """Return how it ended."""
    try:
        with beating(context, part):
            handlers[part.kind](context, part, Reporter(context.db, part, stop=context.stop))
    except Cancelled:
        log.info("part %s of job %s was taken away", part.id, part.job_id)
        return "cancelled"
    except Stopped:
        _hand_back(context, part)
        return "handed back"
    except DatabaseAway as away:
        log.warning("part %s of job %s is left to be done again: %s", part.id, part.job_id, away)
        _as_soon_as_possible(context, lambda session: jobs.abandon(session, part))
        return "handed back"
    except (MothmaskError, BadInput) as refused:
        _fail(context, part, str(refused))
        return "failed"
    except Exception:
        log.exception("part %s (%s) of job %s failed", part.id, part.kind, part.job_id)
        _fail(context, part, "Something went wrong inside the program; the workers' log says what.")
        return "failed"
    except BaseException:  # the worker is stopped at once: somebody else shall do the part
        _hand_back(context, part)
        raise
    _as_soon_as_possible(context, lambda session: jobs.finish(session, part))
    return "done"


def _claim(context: Context, part_id: int) -> ClaimedPart | None:
    """Try until one is won or none waits; each try is a transaction of its own.

    Within one, the jobs of lost tries would stay locked, and workers could wait in a circle.
    """

    def attempt(session: Session) -> tuple[bool, ClaimedPart | None]:
        chosen = jobs.most_urgent(session, part_id)
        return chosen is None, jobs.claim(session, chosen) if chosen is not None else None

    while True:
        none_waits, claimed = _as_soon_as_possible(context, attempt)
        if none_waits or claimed is not None:
            return claimed


def _hand_back(context: Context, part: ClaimedPart) -> None:
    log.info("part %s of job %s is handed back: this worker stops", part.id, part.job_id)
    with context.db.transaction() as session:
        jobs.hand_back(session, part)


def _fail(context: Context, part: ClaimedPart, message: str) -> None:
    _as_soon_as_possible(context, lambda session: jobs.fail(session, part, message))


def _as_soon_as_possible(context: Context, act: Callable[[Session], Found]) -> Found:
    """Outlast a database that is away: the message for a part comes once, and its work is done."""
    while True:
        try:
            with context.db.transaction() as session:
                return act(session)
        except DatabaseAway as away:
            log.warning("%s", away)
            context.stop.obey()
            time.sleep(PAUSE_SECONDS)
