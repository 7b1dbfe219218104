"""The web server and the workers as processes: started, watched, restarted and stopped."""

import ctypes
import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.errors import MothmaskError

Say = Callable[[str], None]

GRACE_SECONDS = 3.0
SOON_SECONDS = 5.0
MOST_EARLY_DEATHS = 3
GRAVE = (" ERROR ", " CRITICAL ", '"level": "ERROR"', '"level": "CRITICAL"')
"""Signs of a line in the log that whoever started everything should see."""

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """Have Linux stop the child even where we were killed without a word."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def web_command(host: str, port: int, stop_seconds: float = 0.0) -> list[str]:
    address = ["--host", host, "--port", str(port)]
    stop = ["--timeout-graceful-shutdown", str(max(1, round(stop_seconds)))]
    server = [sys.executable, "-m", "uvicorn", "app.main:make_app", "--factory"]
    return [*server, *address, "--no-access-log", *stop]


def worker_command(name: str, queues: str = "cpu,gpu") -> list[str]:
    # The solo pool: CUDA does not survive a fork. Gossip and the like leave queues of dead workers.
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    pool = ["--pool", "solo", "--concurrency", "1", "-Q", queues, "-n", f"{name}@%h"]
    return [sys.executable, "-m", "celery", "-A", "worker.celery_app", "worker", *pool, *quiet]


def tensorboard_command(host: str, port: int) -> list[str]:
    if importlib.util.find_spec("tensorboard") is None:
        raise MothmaskError("TensorBoard is not installed here: pip install tensorboard.")
    address = ["--host", host, "--port", str(port)]
    return [sys.executable, "-m", "worker.tensorboard", *address]


@dataclass
class Child:
    """One process; what it writes goes to its log, and what matters to the terminal as well."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    say: Say
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    early_deaths: int = 0

    def start(self) -> None:
        self.started_at = time.monotonic()
        # In a session of its own, Ctrl-C reaches it only through us.
        self.process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        assert self.process.stdout is not None
        threading.Thread(target=self._keep_log, args=(self.process.stdout,), daemon=True).start()

    def mend(self) -> None:
        """Start it again if it died; give up if it dies at once each time."""
        if self.process is None or self.process.poll() is None:
            return
        early = time.monotonic() - self.started_at < SOON_SECONDS
        self.early_deaths = self.early_deaths + 1 if early else 1
        if self.early_deaths > MOST_EARLY_DEATHS:
            raise MothmaskError(
                "The {name} stops as soon as it has started; {log} says why.",
                name=self.name,
                log=self.log,
            )
        self.say(f"The {self.name} stopped unexpectedly and is started again.")
        self.start()

    def send(self, signal_number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal_number)

    def has_stopped(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _keep_log(self, lines: IO[str]) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            for line in lines:
                log.write(line)
                log.flush()
                if any(sign in line for sign in GRAVE) or line.startswith("ERROR:"):
                    self.say(f"{self.name}: {line.strip()}")


class Supervisor:
    """Keeps children alive until told to stop; told twice, it waits no longer."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self.stopping = threading.Event()
        self.hurried = threading.Event()

    def stop(self, *_signal: object) -> None:
        (self.hurried if self.stopping.is_set() else self.stopping).set()

    def listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.stop)

    def start(self) -> None:
        for child in self.children:
            child.start()

    def watch(self) -> None:
        while not self.stopping.wait(0.5):
            for child in self.children:
                child.mend()

    def stop_all(self) -> None:
        """Ask all to stop; what a killed worker was doing is taken up at the next start."""
        self.stopping.set()
        for child in self.children:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while not all(child.has_stopped() for child in self.children):
            if self.hurried.wait(0.05) or time.monotonic() > deadline:
                break
        for child in self.children:
            child.send(signal.SIGKILL)
