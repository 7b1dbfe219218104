"""Runs one part, whatever its kind. The only place where every exception is caught."""

import logging
from collections.abc import Callable, Mapping

from app.domain.jobs import PartKind
from app.errors import MothmaskError
from app.services import jobs
from app.services.jobs import ClaimedPart
from ml.errors import BadInput
from ml.progress import OnProgress
from worker.context import Context
from worker.progress import Cancelled, Reporter

Handler = Callable[[Context, ClaimedPart, OnProgress], None]

log = logging.getLogger(__name__)


def run_part(context: Context, handlers: Mapping[PartKind, Handler], part_id: int) -> None:
    """Do this part, or a more urgent one of its queue; nothing if none waits there."""
    part = _claim(context, part_id)
    if part is None:
        return
    try:
        handlers[part.kind](context, part, Reporter(context.db, part))
    except Cancelled:
        log.info("part %s of job %s was taken away", part.id, part.job_id)
    except (MothmaskError, BadInput) as refused:
        _fail(context, part, str(refused))
    except Exception:
        log.exception("part %s (%s) of job %s failed", part.id, part.kind, part.job_id)
        _fail(context, part, "Something went wrong inside the program; the workers' log says what.")
    except BaseException:  # the worker is being stopped: somebody else shall do the part
        with context.db.transaction() as session:
            jobs.hand_back(session, part)
        raise
    else:
        with context.db.transaction() as session:
            jobs.finish(session, part)


def _claim(context: Context, part_id: int) -> ClaimedPart | None:
    """Try until one is won or none waits; each try is a transaction of its own.

    Within one, the jobs of lost tries would stay locked, and workers could wait in a circle.
    """
    while True:
        with context.db.transaction() as session:
            chosen = jobs.most_urgent(session, part_id)
            if chosen is None:
                return None
            if (claimed := jobs.claim(session, chosen)) is not None:
                return claimed


def _fail(context: Context, part: ClaimedPart, message: str) -> None:
    with context.db.transaction() as session:
        jobs.fail(session, part, message)
