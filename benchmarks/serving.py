"""A real server over a data folder of its own, for benchmarks that look at pages in Chromium."""

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.blobs import Blobs
from app.cli.processes import web_command
from app.cli.workspace import make_database, open_blobs
from app.db import Database
from app.settings import Settings

CHROMIUM = "/usr/bin/chromium"
TOKEN = "benchmark"
SECONDS_TO_START = 120.0


@contextmanager
def serving(fill: Callable[[Database, Blobs], None]) -> Iterator[str]:
    """A web server over what `fill` has made; yields its address."""
    with tempfile.TemporaryDirectory(prefix="mothmask-benchmark-") as folder:
        settings = Settings(data=Path(folder))
        database = make_database(settings)
        fill(database, open_blobs(settings))
        database.close()
        with running(settings.data) as address:
            yield address


@contextmanager
def running(
    data: Path, database_url: str = "", more: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A web server over a data folder that is there already; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = {**os.environ, "MOTHMASK_DATA": str(data), "MOTHMASK_TOKEN": TOKEN}
    environment |= {"MOTHMASK_DATABASE_URL": database_url, **(more or {})}
    command = [*web_command("127.0.0.1", port), "--log-level", "warning"]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.HTTPError:
            return  # it asks for the token
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
