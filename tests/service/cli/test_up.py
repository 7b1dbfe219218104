"""`mothmask up` as a process: one link, one folder, everything stopped at the end."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from app.cli.processes import Child
from app.errors import MothmaskError

SECONDS = 60
LINK = r"http://\S+\?token=\S+"

Found = TypeVar("Found")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "moths"


def command(data: Path) -> list[str]:
    mothmask = Path(sys.executable).with_name("mothmask")
    return [str(mothmask), "up", "--data", str(data), "--no-sample", "--workers", "1"]


@pytest.fixture
def up(data: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (tmp_path / "terminal").open("wb") as terminal:
        process = subprocess.Popen(command(data), stdout=terminal, stderr=terminal)
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)


def soon(look: Callable[[], Found | None]) -> Found:
    deadline = time.monotonic() + SECONDS
    while (found := look()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def printed(terminal: Path, pattern: str) -> str:
    found = soon(lambda: re.search(pattern, terminal.read_text()))
    return found[0]


def children(parent: int) -> list[int]:
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(number) for number in found.split()]


def worker_of(parent: int) -> int:
    def is_worker(number: int) -> bool:
        return b"celery" in Path(f"/proc/{number}/cmdline").read_bytes()

    return soon(lambda: next(filter(is_worker, children(parent)), None))


def test_up_starts_mends_and_stops_everything(
    up: subprocess.Popen[bytes], data: Path, tmp_path: Path
) -> None:
    terminal = tmp_path / "terminal"
    with httpx.Client(follow_redirects=True) as browser:
        assert browser.get(printed(terminal, LINK)).status_code == 200

    second = subprocess.run(command(data), capture_output=True, text=True)
    assert second.returncode == 1
    assert second.stderr.startswith(f"Mothmask is running on {data} already (process {up.pid}).")

    killed = worker_of(up.pid)
    os.kill(killed, signal.SIGKILL)
    printed(terminal, "worker 1 stopped unexpectedly")
    assert worker_of(up.pid) != killed

    running = children(up.pid)
    assert len(running) == 2
    up.send_signal(signal.SIGINT)
    assert up.wait(SECONDS) == 0
    assert [number for number in running if Path(f"/proc/{number}").exists()] == []
    assert "Traceback" not in terminal.read_text()


def test_a_child_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from app.cli.processes import Child
child = Child("sleeper", ["sleep", "60"], {{}}, Path({str(tmp_path)!r}) / "log", print)
child.start()
print(child.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    parent = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    sleeper = Path(f"/proc/{parent.stdout.strip()}")
    soon(lambda: True if has_ended(sleeper) else None)


def has_ended(process: Path) -> bool:
    try:
        status = (process / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return "State:\tZ" in status  # whoever inherited it has not looked yet


@pytest.mark.parametrize("deaths", [1, 3])
def test_a_child_that_dies_is_started_again(tmp_path: Path, deaths: int) -> None:
    child = Child("thing", ["false"], {}, tmp_path / "log", lambda _: None)
    child.start()
    for _ in range(deaths):
        soon(lambda: True if child.has_stopped() else None)
        child.mend()
    assert child.early_deaths == deaths


def test_a_child_that_cannot_live_is_given_up(tmp_path: Path) -> None:
    child = Child("thing", ["false"], {}, tmp_path / "log", lambda _: None)
    child.start()

    def mend() -> None:
        while True:
            soon(lambda: True if child.has_stopped() else None)
            child.mend()

    with pytest.raises(MothmaskError, match=f"{tmp_path / 'log'} says why"):
        mend()
