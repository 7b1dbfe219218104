"""Specimens that wait, with what the queue knows of them."""

from collections.abc import Callable

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.services.queueing import settle_queue_place
from tests import factories

AddWaiting = Callable[..., list[int]]


@pytest.fixture
def add_waiting(db: Database, blobs: FolderBlobs) -> AddWaiting:
    """Adds specimens with one candidate each; `known` are values of their columns, in order."""

    def add(count: int, **known: list[object]) -> list[int]:
        with db.transaction() as session:
            ids = []
            for number in range(count):
                specimen = factories.make_specimen(session, blobs, f"moth-{number}", methods=())
                for name, values in known.items():
                    setattr(specimen, name, values[number])
                factories.make_candidate(session, blobs, specimen, "grabcut", score=0.5)
                settle_queue_place(session, specimen)
                ids.append(specimen.id)
            return ids

    return add
