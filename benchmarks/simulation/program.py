"""Mothmask without servers: the same services and the same parts, run one after the other here."""

import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import select

from app.domain import Base
from app.domain.jobs import JobState, Part, PartKind
from app.domain.people import Person
from app.domain.photographs import Photograph
from app.domain.specimens import Specimen
from app.errors import Refused
from app.queue import NoPublisher
from app.services import boxes, cropping, people, photograph_imports, round_starting
from app.services.boxes import NewBox
from app.services.jobs import ClaimedPart
from app.settings import Settings
from benchmarks.simulation.collection import Collection
from ml.imaging.boxes import Box
from ml.progress import OnProgress
from worker.context import Context, make_context
from worker.handlers import HANDLERS
from worker.runner import Handler, run_part

SOURCE = "BENCHMARK"


class Program:
    """An empty data folder of its own; `crop` says what is cut from each photograph.

    `handlers` take the place of the program's own.
    """

    def __init__(
        self,
        data: Path,
        collection: Collection,
        crop: str,
        handlers: Mapping[PartKind, Handler] = MappingProxyType({}),
    ) -> None:
        self.context: Context = make_context(Settings(data=data), NoPublisher())
        Base.metadata.create_all(self.context.db.engine)
        self.collection = collection
        self.seconds: dict[str, float] = defaultdict(float)
        """Spent in each kind of part so far."""
        own = dict(HANDLERS)
        if crop != "detector":
            own[PartKind.CROP] = _KnownCrop(collection, whole=crop == "whole")
        own.update(handlers)
        self.handlers = {kind: self._timed(handler) for kind, handler in own.items()}
        with self.context.db.transaction() as session:
            self.person: Person = people.get_or_make(session, "Simulated curator")

    def import_all(self) -> None:
        paths = list(self.collection.photographs.values())
        photograph_imports.start_paths(
            self.context.db, self.context.blobs, paths, SOURCE, self.person.id
        )
        self.drain()

    def run_round(self, preset: str) -> None:
        """Train and predict; with too few labels there is no model, and that is said."""
        try:
            with self.context.db.transaction() as session:
                round_starting.start_round(session, preset=preset, person_id=self.person.id)
        except Refused as refused:
            print(refused)
        self.drain()

    def drain(self) -> None:
        """Run what waits until nothing does; a part that fails ends the benchmark."""
        while (part_id := self._waiting_part()) is not None:
            run_part(self.context, self.handlers, part_id)  # or a more urgent one
            with self.context.db.reading() as session:
                failed = session.scalars(select(Part).where(Part.state == JobState.FAILED)).first()
            if failed is not None:
                raise SystemExit(f"part {failed.id} ({failed.kind}) failed: {failed.message}")

    def _timed(self, handler: Handler) -> Handler:
        def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
            began = time.perf_counter()
            handler(context, part, on_progress)
            self.seconds[part.kind.value] += time.perf_counter() - began

        return run

    def _waiting_part(self) -> int | None:
        waiting = select(Part.id).where(Part.state == JobState.QUEUED).order_by(Part.id)
        with self.context.db.reading() as session:
            return session.scalars(waiting.limit(1)).first()


class _KnownCrop:
    """Cuts the whole photograph, or the box of the true mask enlarged, instead of searching."""

    def __init__(self, collection: Collection, *, whole: bool) -> None:
        self.collection = collection
        self.whole = whole

    def __call__(self, context: Context, part: ClaimedPart, _on_progress: OnProgress) -> None:
        specimen_id: int = part.payload["specimen"]
        with context.db.reading() as session:
            specimen = session.get_one(Specimen, specimen_id)
            photograph = session.get_one(Photograph, specimen.photograph_id)
            place = boxes.find(session, specimen_id)
        known = NewBox(self._box(specimen.key, photograph), origin="known", checked=True)
        cut = boxes.cut(context.blobs, place, known)
        with context.db.transaction() as session:
            cropping.store_found(session, part.job_id, specimen_id, [cut])

    def _box(self, name: str, photograph: Photograph) -> Box:
        width, height = photograph.width, photograph.height
        if self.whole:
            return Box(0, 0, width, height)
        truth = Box.around(self.collection.truth(name))
        return truth.grown(0.1, 0.1, 0.1).clamped(width, height)
