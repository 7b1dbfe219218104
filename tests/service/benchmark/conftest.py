"""Members of the benchmark with labels, and models that nobody trained."""

from collections.abc import Callable

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.rounds import TrainedModel
from app.domain.specimens import Specimen
from app.services import tags
from app.services.predictions import origin_of
from tests import factories
from tests.service.rounds import flow
from tests.service.rounds.conftest import add_labels, quick_preset

__all__ = ["add_labels", "quick_preset"]

AddModels = Callable[[int], list[int]]


def join(db: Database, person: Person, *specimen_ids: int) -> None:
    with db.transaction() as session:
        tags.tag(session, person.id, specimen_ids, "benchmark", on=True)


def predict(
    db: Database, blobs: FolderBlobs, model_id: int, specimen_id: int, grown: int = 2
) -> int:
    """A mask of the model, a little too large; returns the candidate."""
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        candidate = factories.make_candidate(
            session, blobs, specimen, origin_of(model_id), grown=grown, model_id=model_id
        )
        return candidate.id


@pytest.fixture
def other(db: Database, person: Person) -> Person:
    """Somebody beside Ada, who has made all labels."""
    assert person
    with db.transaction() as session:
        other_id = factories.make_person(session, "Lin").id
    with db.reading() as session:
        return session.get_one(Person, other_id)


@pytest.fixture
def members(db: Database, person: Person, add_labels: Callable[[int], list[int]]) -> list[int]:
    """Three members with labels; four further labels are there to be learned from."""
    ids = add_labels(7)
    join(db, person, *ids[:3])
    return ids[:3]


@pytest.fixture
def add_models(db: Database, members: list[int]) -> AddModels:
    assert members

    def add(count: int) -> list[int]:
        found: list[TrainedModel] = [flow.add_model(db, flow.start(db)) for _ in range(count)]
        return [model.id for model in found]

    return add
