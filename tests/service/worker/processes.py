"""Real workers, as `mothmask worker` starts them."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.cli.processes import worker_command
from app.settings import Settings

SECONDS_TO_FINISH = 90
HANDED_ON = (
    "data",
    "database_url",
    "broker_url",
    "blobs_url",
    "s3_endpoint",
    "s3_region",
    "s3_key_id",
    "heartbeat_seconds",
    "sweep_seconds",
)


@contextmanager
def running_worker(settings: Settings, name: str = "tested") -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        f"MOTHMASK_{field.upper()}": str(getattr(settings, field)) for field in HANDED_ON
    } | {"MOTHMASK_S3_SECRET": settings.s3_secret.get_secret_value()}
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
