"""What `mothmask worker` runs: Celery carries numbers of parts, the runner does the rest."""

import logging
import os

import cv2
from celery.signals import setup_logging, worker_ready, worker_shutting_down

from app import logs, metrics
from app.queue import RUN_PART, make_celery
from app.settings import Settings
from worker.context import make_context
from worker.handlers import HANDLERS
from worker.runner import run_part
from worker.sweeper import start_sweeper

settings = Settings()
logs.set_up(settings.log_format)
setup_logging.connect(lambda **_: None, weak=False)  # Celery leaves alone what is set up
celery = make_celery(settings)
context = make_context(settings)
cv2.setNumThreads(1)  # several workers share the machine; parts are what runs side by side


@celery.task(name=RUN_PART)  # type: ignore[untyped-decorator]
def run(part_id: int) -> None:
    run_part(context, HANDLERS, part_id)


@worker_ready.connect  # type: ignore[untyped-decorator]
def _ready(**_: object) -> None:
    stop = start_sweeper(context)
    worker_shutting_down.connect(lambda **_: stop.set(), weak=False)
    worker_shutting_down.connect(lambda **_: context.stop.ask(), weak=False)
    if settings.metrics:
        metrics.serve(settings.metrics)
    logging.getLogger(__name__).info("worker %s is ready", os.getpid())
