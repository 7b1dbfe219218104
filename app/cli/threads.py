"""How many processor threads each worker may use."""

import os

from app.settings import Settings


def thread_environment(settings: Settings, workers: int) -> dict[str, str]:
    """What the libraries of a worker read, once, when they are loaded.

    Threads that wait for each other on busy cores make training several times slower, so that
    workers which share this machine share its cores.
    """
    cores = len(os.sched_getaffinity(0))
    shared = os.environ.get("OMP_NUM_THREADS") or str(max(1, cores // workers))
    return {"OMP_NUM_THREADS": str(settings.threads or shared)}
