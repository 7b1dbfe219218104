"""Redis that is gone, or does not move: what is stored is stored, and nobody waits for long."""

import os
import signal

import pytest
import redis

from app.queue import CeleryPublisher, Message, Queue, make_celery
from app.settings import Settings
from tests.servers import free_port, running_redis

MESSAGES = [Message(number, Queue.CPU) for number in range(3)]


def publish(broker_url: str) -> None:
    settings = Settings(broker_url=broker_url)
    CeleryPublisher(make_celery(settings)).publish(MESSAGES)


def test_a_broker_that_is_gone_fails_nothing(caplog: pytest.LogCaptureFixture) -> None:
    publish(f"redis://127.0.0.1:{free_port()}/0")
    assert "workers could not be called" in caplog.text


def test_a_broker_that_does_not_move_holds_nobody_up(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever has decided something waits here for the answer; without limits it never came."""
    with running_redis() as url:
        pid = redis.Redis.from_url(url).info()["process_id"]
        os.kill(pid, signal.SIGSTOP)
        try:
            publish(url)
        finally:
            os.kill(pid, signal.SIGCONT)
    assert "workers could not be called" in caplog.text


def test_messages_find_their_queue_in_a_broker_that_was_emptied() -> None:
    with running_redis() as url:
        client = redis.Redis.from_url(url)
        publisher = CeleryPublisher(make_celery(Settings(broker_url=url)))
        publisher.publish(MESSAGES)
        client.flushall()
        publisher.publish(MESSAGES)
        assert client.llen(Queue.CPU) == len(MESSAGES)
