"""Backups and pruning while people decide: what comes back fits together, and nothing is lost."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.specimens import Crop, Specimen
from app.services import backups, drafts, pruning
from app.services.verifying import verify
from tests import factories
from tests.service.storage.collection import fill


@contextmanager
def somebody_at_work(act: Callable[[int], None]) -> Iterator[list[int]]:
    """Acts again and again; afterwards the list tells which acts were acknowledged."""
    done: list[int] = []
    stop, first = threading.Event(), threading.Event()

    def work() -> None:
        while not stop.is_set():
            act(len(done))
            done.append(len(done))
            first.set()

    thread = threading.Thread(target=work)
    thread.start()
    first.wait(30)
    try:
        yield done
    finally:
        stop.set()
        thread.join()


def draw(db: Database, blobs: FolderBlobs, person: Person) -> Callable[[int], None]:
    """A draft that replaces the one before, and a label whose mask is there already."""

    def act(number: int) -> None:
        drawn = blobs.put(f"draft {number}".encode())
        with db.transaction() as session:
            drafts.save(session, person.id, session.get_one(Crop, 2), drawn, None)
        with db.transaction() as session:
            specimen = session.get_one(Specimen, 1, with_for_update=True)
            factories.make_version(session, blobs, specimen, person, grown=number % 3)

    return act


def test_a_backup_of_a_busy_collection_fits_together(
    db: Database, blobs: FolderBlobs, person: Person, tmp_path: Path
) -> None:
    fill(db, blobs, person)
    with somebody_at_work(draw(db, blobs, person)) as done:
        made = [backups.make(db, blobs, tmp_path / f"backup-{number}") for number in range(3)]
    assert done
    for number, backup in enumerate(made):
        assert backup.lost == []
        copy = Database(f"sqlite:///{tmp_path}/backup-{number}/{backup.name}.sqlite")
        assert verify(copy, FolderBlobs(tmp_path / f"backup-{number}" / "blobs")).is_well
        copy.close()


def test_pruning_a_busy_collection_removes_nothing_that_is_named(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    fill(db, blobs, person)
    before = verify(db, blobs).references
    with somebody_at_work(draw(db, blobs, person)) as done:
        # The clock of these tests stands in the past: every file is younger than the grace period.
        for _ in range(3):
            assert pruning.prune(db, blobs, rounds=1, grace=timedelta(days=1)).files == 0
    report = verify(db, blobs)
    assert report.is_well
    assert report.references == before + len(done)
    assert report.unnamed == len(done)  # the draft there was, and all that replaced it but the last
