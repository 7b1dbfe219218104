"""What dies when, drawn from a seed: each kind at least once, at shares of the day."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.crashing.processes import Installation, Process

MOST_PAUSE_SECONDS = 1.5


@dataclass(frozen=True)
class Kill:
    """At this share of the day (0…1; beyond it what runs then), for so many seconds."""

    at: float
    kind: str
    pause: float


KINDS = ("web", "worker", "broker", "broker flushed", "database", "database connection")
MORE = 3
LATE = 2
"""Kills after the last decision, while rounds and exports are still running."""


def plan(seed: int, *, more: int = MORE, late: int = LATE) -> list[Kill]:
    drawn = random.Random(f"kills {seed}")
    kinds = [*KINDS, *drawn.choices(KINDS, k=more)]
    drawn.shuffle(kinds)
    moments = sorted(drawn.uniform(0.02, 0.98) for _ in kinds)
    after = sorted(drawn.uniform(1, 1.2) for _ in range(late))
    kinds += drawn.choices(("worker", "broker", "database"), k=late)
    return [
        Kill(at, kind, drawn.uniform(0.1, MOST_PAUSE_SECONDS))
        for at, kind in zip([*moments, *after], kinds, strict=True)
    ]


class Killer:
    def __init__(self, installation: Installation, kills: list[Kill], seed: int) -> None:
        self.installation, self.kills = installation, kills
        self.random = random.Random(f"killer {seed}")
        self.done: Counter[str] = Counter()

    def work(self, share: Callable[[], float], is_over: threading.Event) -> None:
        """Kill at each moment, and start again, as a supervisor would."""
        for kill in self.kills:
            while share() < kill.at:
                if is_over.wait(0.02):
                    return
            time.sleep(self.random.uniform(0, 0.2))
            self._kill(kill)

    def _kill(self, kill: Kill) -> None:
        town = self.installation
        self.done[kill.kind] += 1
        match kill.kind:
            case "web":
                self._restart(self.random.choice(town.webs), kill)
            case "worker":
                self._restart(self.random.choice(town.workers), kill)
            case "broker":
                self._restart(town.broker, kill)
            case "database":
                self._restart(town.database, kill)
            case "broker flushed":
                town.flush_broker()
            case _:
                town.kill_connection(self.random.choice)

    def _restart(self, process: Process, kill: Kill) -> None:
        process.kill()
        time.sleep(kill.pause)
        process.start()
