"""What every part needs, made once per process."""

from dataclasses import dataclass
from datetime import timedelta

from app.blobs import Blobs, FolderBlobs
from app.db import Database
from app.queue import CeleryPublisher, Publisher, make_celery
from app.settings import Settings


@dataclass(frozen=True)
class Context:
    settings: Settings
    db: Database
    blobs: Blobs

    @property
    def heartbeat(self) -> timedelta:
        return timedelta(seconds=self.settings.heartbeat_seconds)


def make_context(settings: Settings, publisher: Publisher | None = None) -> Context:
    publisher = publisher or CeleryPublisher(make_celery(settings))
    return Context(
        settings=settings,
        db=Database(settings.database, publisher),
        blobs=FolderBlobs(settings.blob_folder),
    )
