"""The program's own web server and worker, which know one more preset: a training of seconds."""

import ctypes
import os
import pwd
import signal
import sys
from dataclasses import replace
from pathlib import Path

import uvicorn

from ml.config import NetworkConfig, Prediction
from ml.presets import PRESETS

PRESET = "seconds"
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def serve(environment: dict[str, str], log: Path, port: int) -> None:
    os.environ |= environment
    _die_with_parent()
    _write_to(log)
    _add_preset()
    uvicorn.run("app.main:make_app", factory=True, port=port, access_log=False)


def work(name: str) -> None:
    _add_preset()
    from worker.celery_app import celery  # reads the settings as it is loaded

    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    celery.worker_main(["worker", "--pool", "solo", "-Q", "cpu,gpu", "-n", f"{name}@%h", *quiet])


def become(
    command: list[str], log: Path, user: str | None, environment: dict[str, str] | None = None
) -> None:
    """Turn into a server or a worker, as somebody else where it refuses to run as root."""
    _write_to(log)
    if user is not None:
        known = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(known.pw_gid)
        os.setuid(known.pw_uid)
        os.chdir(log.parent)
    _die_with_parent()
    os.execve(command[0], command, {**os.environ, **(environment or {})})


def _add_preset() -> None:
    PRESETS[PRESET] = replace(
        PRESETS["tiny"],
        network=NetworkConfig(base=4, depth=2),
        side=32,
        batch=4,
        steps_per_epoch=4,
        epochs=12,
        stop_patience=100,
        prediction=Prediction(refinement="none"),
    )


def _die_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _write_to(log: Path) -> None:
    with log.open("ab") as output:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(output.fileno(), stream.fileno())


if __name__ == "__main__":
    work(sys.argv[1])
