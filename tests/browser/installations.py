"""Mothmask as people run it, in processes of its own, and what it has kept for a test to check."""

import multiprocessing
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import uvicorn
from sqlalchemy import func, select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import LabelVersion, Review
from app.domain.specimens import Specimen
from app.services import tags
from app.settings import Settings
from ml.imaging.arrays import Mask
from ml.imaging.masks import decode_mask
from tests import factories
from tests.servers import ServerMissing

TOKEN = "the-printed-token"
SECONDS_TO_START = 60.0


@dataclass
class Installation:
    """A data folder that is being served at `address`."""

    data: Path
    address: str
    token: str = TOKEN
    db: Database = field(init=False)
    blobs: FolderBlobs = field(init=False)

    def __post_init__(self) -> None:
        settings = Settings(data=self.data)
        self.db = Database(settings.database)
        self.blobs = FolderBlobs(settings.blob_folder)

    @property
    def link(self) -> str:
        return f"{self.address}/?token={self.token}"

    def add_specimen(self, key: str, *, score: float = 0.9) -> int:
        """A specimen with two candidates; those that score higher are reviewed earlier."""
        with self.db.transaction() as session:
            specimen = factories.make_specimen(session, self.blobs, key)
            specimen.priority = score
            return specimen.id

    def specimen(self, specimen_id: int) -> Specimen:
        with self.db.reading() as session:
            return session.get_one(Specimen, specimen_id)

    def versions(self, specimen_id: int) -> list[LabelVersion]:
        query = select(LabelVersion).where(LabelVersion.specimen_id == specimen_id)
        with self.db.reading() as session:
            return list(session.scalars(query.order_by(LabelVersion.number)))

    def reviews(self, specimen_id: int) -> list[Review]:
        query = select(Review).where(Review.specimen_id == specimen_id).order_by(Review.id)
        with self.db.reading() as session:
            return list(session.scalars(query))

    def tags(self, specimen_id: int) -> list[str]:
        with self.db.reading() as session:
            return tags.words_of(session, specimen_id)

    def count(self, kind: type[Review] | type[Specimen]) -> int:
        with self.db.reading() as session:
            return session.scalar(select(func.count(kind.id))) or 0

    def mask(self, version: LabelVersion) -> Mask:
        return decode_mask(self.blobs.read(version.digest))


class WebServer:
    """Only the web server; it can be stopped and started again at the same address.

    It is forked from a process that has loaded the application once, because loading takes longer
    than most tests.
    """

    _processes = multiprocessing.get_context("forkserver")
    _processes.set_forkserver_preload(["app.main", __name__])

    def __init__(self, data: Path, port: int, **environment: str) -> None:
        self.data, self.port, self.environment = data, port, environment
        self.address = f"http://127.0.0.1:{port}"
        self.process: BaseProcess | None = None

    def start(self) -> None:
        arguments = (self.data, self.port, self.environment)
        self.process = self._processes.Process(target=_serve, args=arguments)
        self.process.start()
        until(lambda: _answers(self.address), f"an answer at {self.address}", SECONDS_TO_START)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.join(20)

    def kill(self) -> None:
        """It gets no chance to finish what it is doing."""
        assert self.process is not None
        self.process.kill()
        self.process.join(20)


def _serve(data: Path, port: int, environment: dict[str, str]) -> None:
    """What `app.cli.processes.web_command` starts."""
    os.environ |= {"MOTHMASK_DATA": str(data), "MOTHMASK_TOKEN": TOKEN, **environment}
    with (data / "web.log").open("ab") as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    uvicorn.run(
        "app.main:make_app",
        factory=True,
        port=port,
        access_log=False,
        timeout_graceful_shutdown=2,
    )


class Everything:
    """`mothmask up` with one worker on an empty folder."""

    def __init__(self, data: Path, port: int) -> None:
        command = Path(sys.executable).with_name("mothmask")
        if not command.exists():
            raise ServerMissing(f"The tests need {command}: run `make install`.")
        options = ["--data", str(data), "--port", str(port), "--no-sample", "--workers", "1"]
        self.process = subprocess.Popen(
            [command, "up", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        until(lambda: self._link() or self.process.poll() is not None, "link", SECONDS_TO_START)
        found = self._link()
        if found is None:
            raise ServerMissing("`mothmask up` did not start:\n" + "".join(self.said))
        self.installation = Installation(data, found[1], found[2])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(self.process.stdout)

    def _link(self) -> re.Match[str] | None:
        return re.search(r"(http://\S+)/\?token=(\S+)", "".join(self.said))


def until(happened: Callable[[], object], what: str, seconds: float = 10.0) -> None:
    """Wait for what the page causes elsewhere."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True  # it asks for the token
    except OSError:
        return False
    return True
