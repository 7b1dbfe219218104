from collections.abc import Callable, Iterator

import pytest
import torch

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from ml.presets import PRESETS
from tests import factories
from tests.service.rounds.flow import QUICK

AddLabels = Callable[[int], list[int]]


@pytest.fixture(autouse=True)
def quick_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "tiny", QUICK)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """The number of threads decides the last bits of weights."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def add_labels(db: Database, blobs: FolderBlobs, person: Person) -> AddLabels:
    """Makes so many labelled specimens and returns their numbers."""
    made: list[int] = []

    def add(count: int) -> list[int]:
        with db.transaction() as session:
            for _ in range(count):
                specimen = factories.make_specimen(session, blobs, f"moth-{len(made)}")
                factories.make_version(session, blobs, specimen, person)
                made.append(specimen.id)
        return made[-count:]

    return add
