"""Real workers, as `mothmask worker` starts them."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.cli.processes import worker_command
from app.settings import Settings

SECONDS_TO_FINISH = 90


@contextmanager
def running_worker(settings: Settings, name: str = "tested") -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        f"MOTHMASK_{field.upper()}": str(getattr(settings, field))
        for field in ("data", "database_url", "broker_url", "heartbeat_seconds", "sweep_seconds")
    }
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            worker_command(name), env={**os.environ, **environment}, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(happened: Callable[[], bool], settings: Settings) -> None:
    deadline = time.monotonic() + SECONDS_TO_FINISH
    while not happened():
        if time.monotonic() > deadline:
            logs = sorted(settings.data.glob("*.log"))
            raise AssertionError("\n".join(log.read_text(errors="replace") for log in logs))
        time.sleep(0.02)
