"""Jobs that end make notices; a worker sends them, and again where they were not taken."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from app.db import Database
from app.domain.jobs import Job, JobKind, JobState, PartKind
from app.domain.notices import Notice, NoticeKind
from app.services import jobs, notices, webhooks
from app.settings import Settings
from tests import factories
from tests.conftest import Drain, MovableClock
from worker.context import Context


@contextmanager
def listening(*statuses: int) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """An address that answers with these statuses in turn, and what it was sent."""
    received: list[dict[str, object]] = []
    answers = list(statuses)

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append(json.loads(body))
            self.send_response(answers.pop(0))
            self.send_header("location", "file:///etc/passwd")
            self.end_headers()

        def log_message(self, *_given: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", received
    finally:
        server.shutdown()
        server.server_close()


def send_due(
    db: Database, context: Context, drain: Drain, address: str, *, private: bool = True
) -> None:
    with db.transaction() as session:
        webhooks.queue_due(session)
    update = {"webhook_url": address, "webhook_private": private}
    drain(replace(context, settings=context.settings.model_copy(update=update)))


@pytest.mark.parametrize(
    ("kind", "fails", "told"),
    [
        (JobKind.ROUND, False, NoticeKind.ROUND_DONE),
        (JobKind.ROUND, True, NoticeKind.ROUND_FAILED),
        (JobKind.PREDICTIONS, False, NoticeKind.PREDICTIONS_DONE),
        (JobKind.IMPORT, True, NoticeKind.IMPORT_FAILED),
        (JobKind.CALIBRATION, False, None),
    ],
)
def test_the_end_of_a_job_that_people_wait_for_is_told(
    db: Database, kind: JobKind, fails: bool, told: NoticeKind | None
) -> None:
    with db.transaction() as session:
        job = jobs.start(session, kind, None)
        part = jobs.add_part(session, job.id, PartKind.EXPORT, {})
        claimed = jobs.claim(session, part.id)
        assert claimed is not None
        if fails:
            jobs.fail(session, claimed, "The disk is full.")
        else:
            jobs.finish(session, claimed)
    with db.reading() as session:
        assert [notice.kind for notice in notices.newest(session)] == [told] * (told is not None)


def test_what_a_person_has_read_is_new_to_others(db: Database) -> None:
    with db.transaction() as session:
        lin, chen = (factories.make_person(session, name).id for name in ("Lin", "Chen"))
        notices.add(session, NoticeKind.IMPORT_DONE, {"job": 1})
        last = notices.add(session, NoticeKind.IMPORT_DONE, {"job": 2})
        session.flush()
        notices.read_up_to(session, lin, last.id)
        session.flush()
        assert (notices.unread(session, lin), notices.unread(session, chen)) == (0, 2)


def test_a_notice_is_sent_until_it_is_taken(
    db: Database, context: Context, drain: Drain, clock: MovableClock
) -> None:
    with db.transaction() as session:
        notices.add(session, NoticeKind.ROUND_DONE, {"round": 3}, address="/rounds/3")
    with listening(500, 302, 200) as (address, received):
        for wait in (0, 61, 5 * 60 + 1, 60 * 60):
            clock.move(seconds=wait)
            send_due(db, context, drain, address)
    assert [each["id"] for each in received] == [1, 1, 1], "it says which one it is"
    assert received[0]["kind"] == "round-done"
    assert received[0]["values"] == {"round": 3}
    with db.reading() as session:
        assert session.get_one(Notice, 1).due_at is None
        states = session.scalars(select(Job.state).order_by(Job.id)).all()
        assert states == [JobState.FAILED, JobState.FAILED, JobState.DONE]


def test_an_address_that_is_not_there_is_given_up_after_some_tries(
    db: Database, context: Context, drain: Drain, clock: MovableClock
) -> None:
    with db.transaction() as session:
        notices.add(session, NoticeKind.ROUND_DONE, {"round": 3})
    for _ in range(7):
        send_due(db, context, drain, "http://127.0.0.1:9/")
        clock.move(seconds=2 * 60 * 60 + 1)
    with db.reading() as session:
        assert session.get_one(Notice, 1).tries == len(webhooks.PAUSES) + 1


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0"])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_nothing_is_sent_into_a_private_network(
    db: Database, context: Context, drain: Drain, name: str
) -> None:
    with db.transaction() as session:
        notices.add(session, NoticeKind.ROUND_DONE, {"round": 3})
    with listening(200) as (address, received):
        send_due(db, context, drain, address.replace("127.0.0.1", name), private=False)
    assert received == []
    with db.reading() as session:
        (message,) = session.scalars(select(Job.message)).all()
    assert "in a private network. Set MOTHMASK_WEBHOOK_PRIVATE" in message


def test_only_web_addresses_are_taken() -> None:
    with pytest.raises(ValidationError):
        Settings(webhook_url="file:///etc/passwd")
