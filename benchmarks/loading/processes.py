"""Workers as processes of their own, on one thread each."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from app.cli.processes import worker_command
from app.settings import Settings


@contextmanager
def working(settings: Settings, name: str, nice: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "MOTHMASK_DATA": str(settings.data.absolute()),
        "MOTHMASK_DATABASE_URL": settings.database_url,
        "MOTHMASK_BROKER_URL": settings.broker_url,
        "MOTHMASK_STOP_SECONDS": "0",
        "OMP_NUM_THREADS": "1",
    }
    command = ["nice", "-n", str(nice), *worker_command(name)]
    quiet = subprocess.DEVNULL
    worker = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait()
