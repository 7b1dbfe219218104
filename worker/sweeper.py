"""A thread in every worker that mends what a crash or a lost message left behind."""

import logging
import threading
import time

from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import DBAPIError

from app.errors import MothmaskError
from app.services import days, queue_order, sweeping, webhooks
from worker import training_care
from worker.context import Context

TIDY_SECONDS = 60.0
"""Between two looks at what trainings left behind, and at whether one shall begin."""

log = logging.getLogger(__name__)


def start_sweeper(context: Context) -> threading.Event:
    """Sweep until the returned event is set. Any number of workers may do so at once."""
    stop = threading.Event()
    threading.Thread(target=_sweep_until, args=(context, stop), daemon=True).start()
    return stop


def _sweep_until(context: Context, stop: threading.Event) -> None:
    tidied = float("-inf")
    while not stop.wait(context.settings.sweep_seconds):
        try:
            with context.db.transaction() as session:
                resent = sweeping.sweep(session, context.heartbeat)
                queue_order.keep_up(session)
                days.catch_up(session)
                if context.settings.webhook_url:
                    webhooks.queue_due(session)
            if time.monotonic() - tidied >= TIDY_SECONDS:
                tidied = time.monotonic()
                training_care.care(context)
        except (MothmaskError, DBAPIError, BrokerError, OSError) as error:
            log.warning("could not sweep, will try again: %s", error)
            continue
        if resent:
            log.info("sent %s waiting parts again", resent)
