"""What every part needs, made once per process."""

from dataclasses import dataclass, field
from datetime import timedelta

from app.blobs import Blobs, open_blobs
from app.db import Database
from app.decoding import pool as decoding
from app.queue import CeleryPublisher, Publisher, make_celery
from app.settings import Settings
from worker.stopping import Stop


@dataclass(frozen=True)
class Context:
    settings: Settings
    db: Database
    blobs: Blobs
    stop: Stop = field(default_factory=Stop)

    @property
    def heartbeat(self) -> timedelta:
        return timedelta(seconds=self.settings.heartbeat_seconds)


def make_context(settings: Settings, publisher: Publisher | None = None) -> Context:
    decoding.limit(settings)
    publisher = publisher or CeleryPublisher(make_celery(settings))
    return Context(
        settings=settings,
        db=Database(settings.database, publisher),
        blobs=open_blobs(settings),
        stop=Stop(settings.stop_seconds),
    )
