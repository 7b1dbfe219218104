"""The way to the workers. Messages carry only the number of a part; the database knows the rest."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from celery import Celery
from kombu.exceptions import ChannelError, OperationalError

from app.settings import Settings

RUN_PART = "mothmask.run_part"
BROKER_SECONDS = 10
"""After which Redis counts as away."""

log = logging.getLogger(__name__)


class Queue(StrEnum):
    CPU = "cpu"
    GPU = "gpu"


@dataclass(frozen=True)
class Message:
    part_id: int
    queue: str


class Publisher(Protocol):
    def publish(self, messages: Iterable[Message]) -> None: ...


class CeleryPublisher:
    def __init__(self, celery: Celery) -> None:
        self.celery = celery

    def publish(self, messages: Iterable[Message]) -> None:
        """Call workers to parts that are stored already, so failing here fails nothing."""
        try:
            for message in messages:
                self.celery.send_task(RUN_PART, args=[message.part_id], queue=message.queue)
        except (OperationalError, ChannelError, OSError) as error:
            log.warning("workers could not be called; the sweeper will do it again: %s", error)


class NoPublisher:
    """For processes that only read, and for those that run the parts themselves."""

    def publish(self, messages: Iterable[Message]) -> None:
        pass


def make_celery(settings: Settings) -> Celery:
    celery = Celery(
        "mothmask", broker=settings.broker_url or "filesystem://localhost", set_as_current=False
    )
    celery.conf.update(
        task_ignore_result=True,
        task_default_queue=Queue.CPU,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # Somebody waits for the answer meanwhile, and the sweeper sends again.
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0},
        broker_transport_options=_transport_options(settings),
    )
    return celery


def _transport_options(settings: Settings) -> dict[str, object]:
    if settings.broker_url:
        # Longer than any job: the claim in the database makes a second delivery harmless anyway.
        return {
            "visibility_timeout": 7 * 24 * 3600,
            "socket_connect_timeout": BROKER_SECONDS,
            "socket_timeout": BROKER_SECONDS,
        }
    messages, control = settings.message_folder / "parts", settings.message_folder / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        # The default of one second lets only two messages a second through.
        "polling_interval": 0.05,
    }
