"""Calling workers when there is nothing that would carry the message."""

import logging

import pytest

from app.db import Database
from app.domain.jobs import Job, JobKind, PartKind
from app.queue import CeleryPublisher, make_celery
from app.services import jobs
from app.settings import Settings


def test_what_is_stored_stays_stored_when_the_broker_is_away(
    database_url: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = settings.model_copy(update={"broker_url": "redis://127.0.0.1:1/0"})
    db = Database(database_url, CeleryPublisher(make_celery(nowhere)))
    with caplog.at_level(logging.WARNING), db.transaction() as session:
        job_id = jobs.start(session, JobKind.IMPORT, None).id
        jobs.add_part(session, job_id, PartKind.CROP, {})
    assert "sweeper" in caplog.text
    with db.reading() as session:
        assert session.get(Job, job_id) is not None
    db.close()
