"""What `mothmask tensorboard` runs: event files of all rounds, written from database and blobs.

Trainings run on any machine, so the files are made where somebody looks at them, and go with the
program that shows them.
"""

import argparse
import logging
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.rounds import ContactSheet, Epoch, Round
from app.errors import DatabaseAway, NotFound
from app.settings import Settings
from ml.config import TrainingConfig
from ml.imaging.png import read_png
from worker.context import Context, make_context

if TYPE_CHECKING:
    from ml.training.curves import Curves

EVERY_SECONDS = 5.0
OVERLAP = 100
"""Rows below the highest number seen that may still be committed by trainings side by side."""

Row = TypeVar("Row", Epoch, ContactSheet)

log = logging.getLogger(__name__)


@dataclass
class Run:
    """The event files of one variant."""

    folder: Path
    config: TrainingConfig | None
    """Nothing where an early version did not keep it."""
    curves: "Curves | None" = None
    newest: int = 0

    def at(self, epoch: int) -> "Curves":
        """Where this epoch is written; an epoch that was trained again takes the first try back."""
        from ml.training.curves import Curves  # loads torch

        if self.curves is None or epoch <= self.newest:
            self.close()
            self.curves = Curves(self.folder, self.config, done=epoch - 1)
        self.newest = epoch
        return self.curves

    def close(self) -> None:
        if self.curves is not None:
            self.curves.__exit__(None, None, None)


@dataclass
class Feed:
    """Writes what is new since the last look."""

    context: Context
    folder: Path
    runs: dict[tuple[int, str], Run] = field(default_factory=dict)
    epochs: set[int] = field(default_factory=set)
    sheets: set[int] = field(default_factory=set)

    def look(self) -> None:
        with self.context.db.reading() as session:
            for epoch in _new(session, Epoch, self.epochs):
                self._write_epoch(session, epoch)
            for sheet in _new(session, ContactSheet, self.sheets):
                self._write_sheet(session, sheet)

    def close(self) -> None:
        for run in self.runs.values():
            run.close()

    def _write_epoch(self, session: Session, epoch: Epoch) -> None:
        from ml.training.epochs import EpochReport

        values = {each.name: getattr(epoch, each.name) for each in fields(EpochReport)[1:]}
        run = self._run(session, epoch)
        run.at(epoch.number).epoch(EpochReport(epoch.number, **values))

    def _write_sheet(self, session: Session, sheet: ContactSheet) -> None:
        curves = self._run(session, sheet).curves
        try:
            pixels = read_png(self.context.blobs.read(sheet.digest))
        except NotFound as missing:
            log.warning("%s", missing)
            return
        if curves is not None:
            curves.sheet(pixels, sheet.epoch)

    def _run(self, session: Session, row: Epoch | ContactSheet) -> Run:
        key = (row.round_id, row.variant)
        if key not in self.runs:
            round_ = session.get_one(Round, row.round_id)
            kept = round_.configs.get(row.variant)
            config = TrainingConfig.from_json(kept) if kept else None
            self.runs[key] = Run(self.folder / _name(round_, row.variant), config)
        return self.runs[key]


def _name(round_: Round, variant: str) -> str:
    """A round of one variant is one run."""
    name = f"round-{round_.number}"
    return name if len(round_.configs) == 1 else f"{name}-{variant}"


def _new(session: Session, table: type[Row], seen: set[int]) -> Iterator[Row]:
    query = select(table).where(table.id > max(seen, default=0) - OVERLAP).order_by(table.id)
    for row in session.scalars(query.execution_options(yield_per=200)):
        if row.id not in seen:
            yield row
            seen.add(row.id)


def main() -> None:
    """Show the curves until the program that shows them ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="6006")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the files go on that way too
    with tempfile.TemporaryDirectory(prefix="mothmask-tensorboard-") as folder:
        shown = subprocess.Popen(_command(Path(folder), options.host, options.port))
        feed = Feed(make_context(Settings()), Path(folder))
        try:
            while shown.poll() is None:
                _look(feed)
                with suppress(subprocess.TimeoutExpired):
                    shown.wait(EVERY_SECONDS)
        except KeyboardInterrupt:
            pass
        finally:
            shown.terminate()
            shown.wait()
            feed.close()
    sys.exit(max(shown.returncode, 0))


def _command(folder: Path, host: str, port: str) -> list[str]:
    address = ["--host", host, "--port", port, "--reload_interval", str(EVERY_SECONDS)]
    return [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), *address]


def _look(feed: Feed) -> None:
    try:
        feed.look()
    except DatabaseAway as away:
        log.warning("will try again: %s", away)


if __name__ == "__main__":
    main()
