"""Mothmask as a museum runs it: PostgreSQL, Redis, two web servers and two workers.

Each is a process of its own that can be killed without a word and started again.
"""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import psycopg
import redis

from app.cli.workspace import make_database
from app.db import Database
from app.settings import Settings
from benchmarks.crashing import quick
from tests.servers import binary, free_port

SECONDS_TO_START = 300.0
HEARTBEAT_SECONDS = 10
TOKEN = "a-working-day"
# Forked from a process that has loaded everything once: loading takes longer than dying.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["benchmarks.crashing.loaded"])
OWNER = "postgres"
"""Of the files and processes of PostgreSQL, which refuses to run as root."""


@dataclass
class Process:
    """Something that can die; `is_up` says whether it can be used again."""

    name: str
    begin: Callable[[], BaseProcess]
    log: Path
    is_up: Callable[[], bool] = lambda: True
    process: BaseProcess | None = None

    def start(self) -> None:
        """Start, again where it refuses because its predecessor's children are not gone yet."""
        deadline = time.monotonic() + SECONDS_TO_START
        self.process = self.begin()
        while not self.is_up():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} does not start; {self.log} says why")
            if self.process.exitcode is not None:
                time.sleep(0.3)
                self.process = self.begin()
            time.sleep(0.05)

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals = signal.SIGINT) -> None:
        """Without a word, or as it wishes: to PostgreSQL SIGTERM would mean to wait for clients."""
        if self.process is None or self.process.pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, number)
        self.process.join()


class Installation:
    """All processes on one data folder, of which `fill` has made the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("database", "broker", "web 1", "web 2")}
        self.settings = Settings(
            data=folder / "data",
            database_url=self._database_url("postgresql+psycopg"),
            broker_url=f"redis://127.0.0.1:{self.ports['broker']}/0",
            detector="fallback",
            heartbeat_seconds=HEARTBEAT_SECONDS,
            sweep_seconds=1,
            proposal_seconds=0,
        )
        self.database = _postgres(folder / "postgres", self.ports["database"], self._is_answering)
        self.broker = _redis(folder, self.ports["broker"], lambda: bool(self._redis().ping()))
        self.webs = [self._web(name) for name in ("web 1", "web 2")]
        self.workers = [self._worker(f"worker {number}") for number in (1, 2)]
        self.db = Database(self.settings.database)

    @property
    def addresses(self) -> list[str]:
        return [f"http://127.0.0.1:{self.ports[web.name]}" for web in self.webs]

    @property
    def everything(self) -> list[Process]:
        return [self.database, self.broker, *self.webs, *self.workers]

    def start(self) -> None:
        self.database.start()
        self.broker.start()
        make_database(self.settings).close()  # what was kept may have an older schema
        with ThreadPoolExecutor() as threads:
            list(threads.map(Process.start, [*self.webs, *self.workers]))

    def stop(self) -> None:
        self.db.close()
        for process in reversed(self.everything):
            process.kill()

    def flush_broker(self) -> None:
        with suppress(redis.RedisError):
            self._redis().flushall()

    def kill_connection(self, choose: Callable[[Sequence[int]], int]) -> None:
        """Kill one process of PostgreSQL, whereupon it drops all connections and recovers."""
        with suppress(psycopg.Error, ProcessLookupError):
            with psycopg.connect(self._database_url("postgresql")) as connection:
                mine = connection.info.backend_pid
                rows = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                ).fetchall()
            pids = [pid for (pid,) in rows if pid != mine]
            if pids:
                os.kill(choose(pids), signal.SIGKILL)

    def logs(self) -> dict[str, str]:
        return {each.name: each.log.read_text(errors="replace") for each in self.everything}

    def _database_url(self, scheme: str) -> str:
        return f"{scheme}://postgres@127.0.0.1:{self.ports['database']}/postgres"

    def _is_answering(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self._database_url("postgresql")).close()
            return True
        return False

    def _redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.settings.broker_url)

    def _web(self, name: str) -> Process:
        port, log = self.ports[name], self._log(name)
        begin = partial(_forked, quick.serve, self._environment, log, port)
        return Process(name, begin, log, lambda: _listens(port))

    def _worker(self, name: str) -> Process:
        # Anew each time: libraries that compute in threads do not survive a fork.
        command = [sys.executable, "-m", "benchmarks.crashing.quick", name.replace(" ", "")]
        log = self._log(name)
        begin = partial(_forked, quick.become, command, log, None, self._environment)
        return Process(name, begin, log)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.log"

    @property
    def _environment(self) -> dict[str, str]:
        given = self.settings.model_dump(include=_PASSED_ON)
        own = {"MOTHMASK_TOKEN": TOKEN, "OMP_NUM_THREADS": "1"}
        return own | {f"MOTHMASK_{key.upper()}": str(value) for key, value in given.items()}


_PASSED_ON = {
    "data",
    "database_url",
    "broker_url",
    "detector",
    "heartbeat_seconds",
    "sweep_seconds",
    "proposal_seconds",
}


def make_cluster(folder: Path) -> None:
    """An empty PostgreSQL cluster; it may be copied while nothing runs on it."""
    data = folder / "postgres"
    data.mkdir()
    _give_away(data)
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    command = [binary("initdb", "postgresql"), "-D", str(data / "data"), *options]
    subprocess.run(command, user=_owner(), check=True, capture_output=True, cwd=data)


def _postgres(folder: Path, port: int, is_up: Callable[[], bool]) -> Process:
    # What was acknowledged has to outlive a kill, so nothing is made quick here.
    options = ["-D", str(folder / "data"), "-p", str(port), "-h", "127.0.0.1", "-k", str(folder)]
    command = [binary("postgres", "postgresql"), *options]
    log = folder / "log"
    return Process("database", partial(_forked, quick.become, command, log, _owner()), log, is_up)


def _redis(folder: Path, port: int, is_answering: Callable[[], bool]) -> Process:
    def is_up() -> bool:
        with suppress(redis.RedisError):
            return is_answering()
        return False

    # It keeps nothing on disk: a kill loses every message.
    options = ["--port", str(port), "--save", "", "--dir", str(folder)]
    command, log = [binary("redis-server", "redis-server"), *options], folder / "broker.log"
    return Process("broker", partial(_forked, quick.become, command, log, None), log, is_up)


def _forked(run: Callable[..., None], *what: object) -> BaseProcess:
    process = FORKS.Process(target=run, args=what)
    process.start()
    return process


def _listens(port: int) -> bool:
    with suppress(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}/static/css/tokens.css", timeout=10)
        return True
    return False


def _owner() -> str | None:
    return OWNER if os.geteuid() == 0 else None


def _give_away(folder: Path) -> None:
    if (owner := _owner()) is not None:
        shutil.chown(folder, owner)
