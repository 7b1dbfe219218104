"""One working day of five curators and a lead, while processes are killed, and what is left."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.db import Database
from app.domain.jobs import OPEN, Part
from benchmarks.crashing import checking
from benchmarks.crashing.client import Client, Ledger, Unanswered
from benchmarks.crashing.collection import copy
from benchmarks.crashing.curators import Curator
from benchmarks.crashing.killing import Kill, Killer
from benchmarks.crashing.lead import Lead
from benchmarks.crashing.processes import Installation

NAMES = ("Ada", "林小明", "Mary", "Jürgen", "O'Hara")
LATE_SECONDS = 20.0
"""After the last decision the share of the day goes on by one in so many seconds."""
QUIET_SECONDS = 300.0


@dataclass(frozen=True)
class Plan:
    seed: int
    decisions: int
    kills: list[Kill]
    people: int = len(NAMES)


class Progress:
    """How much of the day is over, by what has been decided."""

    def __init__(self, decisions: int) -> None:
        self.wanted, self.decided = decisions, 0
        self.lock = threading.Lock()
        self.noted_at = time.monotonic()
        self.ended_at: float | None = None

    def note(self) -> None:
        with self.lock:
            self.decided += 1
            self.noted_at = time.monotonic()

    def is_over(self) -> bool:
        with self.lock:
            stands_still = time.monotonic() - self.noted_at > QUIET_SECONDS
            if self.ended_at is None and (self.decided >= self.wanted or stands_still):
                self.ended_at = time.monotonic()
            return self.ended_at is not None

    def share(self) -> float:
        if self.ended_at is None:
            return self.decided / self.wanted
        return 1 + (time.monotonic() - self.ended_at) / LATE_SECONDS


def run(template: Path, folder: Path, plan: Plan) -> dict[str, Any]:
    """Copy the template, live the day, wait until nothing is left to do, and look at it all."""
    began = time.monotonic()
    copy(template, folder)
    installation, ledger = Installation(folder), Ledger()
    killer = Killer(installation, plan.kills, plan.seed)
    try:
        installation.start()
        worked = _work(installation, ledger, killer, plan)
        if not _is_quiet(installation.db):
            ledger.fault(f"work stands still: {_open_parts(installation.db)}")
        lost = checking.problems(installation, ledger)
    finally:
        installation.stop()
    return {
        "seed": plan.seed,
        "seconds": round(time.monotonic() - began, 1),
        "working_seconds": round(worked, 1),
        "acknowledged": len(ledger.kept),
        "decisions": len(ledger.of("decision", "version")),
        "kills": dict(killer.done),
        "trouble": dict(ledger.trouble),
        "faults": ledger.faults,
        "lost": lost,
    }


def _work(installation: Installation, ledger: Ledger, killer: Killer, plan: Plan) -> float:
    progress, is_over = Progress(plan.decisions), threading.Event()
    began = time.monotonic()

    def client(name: str) -> Client:
        return Client(installation.addresses, name, ledger, plan.seed)

    curators = [
        Curator(client(name), progress.is_over, progress.note) for name in NAMES[: plan.people]
    ]
    lead = Lead(client("Lead"), progress.share)
    with ThreadPoolExecutor(len(curators) + 2) as threads:
        working = [*(threads.submit(each.work) for each in curators), threads.submit(lead.work)]
        killing = threads.submit(killer.work, progress.share, is_over)
        for each in working:
            try:
                each.result()
            except Unanswered as unanswered:
                ledger.fault(str(unanswered))
        if progress.decided < plan.decisions:
            ledger.fault(f"only {progress.decided} decisions could be made")
        _wait_for(progress, killer)
        is_over.set()
        killing.result()
    return time.monotonic() - began


def _wait_for(progress: Progress, killer: Killer) -> None:
    """The last kills hit what the day has left to be done."""
    last = max((kill.at for kill in killer.kills), default=0.0)
    while progress.is_over() and progress.share() < last:
        time.sleep(0.1)


def _is_quiet(db: Database) -> bool:
    deadline = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < deadline:
        if not _open_parts(db):
            time.sleep(2.5)  # a sweep may find that something is due
            if not _open_parts(db):
                return True
        time.sleep(0.2)
    return False


def _open_parts(db: Database) -> dict[str, int]:
    with db.reading() as session:
        query = select(Part.kind, Part.state, func.count()).where(Part.state.in_(OPEN))
        rows = session.execute(query.group_by(Part.kind, Part.state)).all()
    return {f"{kind.value} {state.value}": count for kind, state, count in rows}
