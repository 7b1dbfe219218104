import os

import pytest

from app.cli.threads import thread_environment
from app.settings import Settings


@pytest.mark.parametrize(
    ("cores", "workers", "setting", "outside", "threads"),
    [
        (8, 2, 0, None, "4"),
        (8, 3, 0, None, "2"),
        (2, 4, 0, None, "1"),
        (8, 1, 0, None, "8"),
        (8, 2, 0, "3", "3"),
        (8, 2, 5, "3", "5"),
    ],
)
def test_workers_share_the_cores_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
    cores: int,
    workers: int,
    setting: int,
    outside: str | None,
    threads: str,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(cores)))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if outside is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", outside)
    assert thread_environment(Settings(threads=setting), workers) == {"OMP_NUM_THREADS": threads}
