"""Which specimens are proposed: a quota of each stratum, the hard ones first."""

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.errors import Refused
from app.services import benchmark_proposing, tags
from app.services.benchmark_proposing import Proposal
from tests import factories
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels


def add(
    db: Database, blobs: FolderBlobs, key: str, stratum: int | None = None, **values: float | bool
) -> int:
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs, key)
        specimen.stratum = stratum
        for name, value in values.items():
            setattr(specimen, name, value)
        return specimen.id


def propose(db: Database, count: int) -> list[Proposal]:
    with db.reading() as session:
        return benchmark_proposing.propose(session, count)


def keys(db: Database, count: int) -> list[str]:
    return [each.key for each in propose(db, count)]


def test_the_hard_ones_first(db: Database, blobs: FolderBlobs, person: Person) -> None:
    add(db, blobs, "easy", uncertainty=0.1)
    add(db, blobs, "unsure", uncertainty=0.9)
    add(db, blobs, "disputed", disagreement=0.8)
    add(db, blobs, "rejected", candidates=5, open_candidates=2)
    tagged = add(db, blobs, "tagged")
    with db.transaction() as session:
        tags.tag(session, person.id, [tagged], "transparent", on=True)
    found = propose(db, 4)
    assert [each.key for each in found] == ["unsure", "disputed", "rejected", "tagged"]
    assert [each.hardness for each in found] == [0.9, 0.8, 0.75, 0.5]
    assert [each.is_labelled for each in found] == [False] * 4


def test_each_stratum_has_its_share_of_the_whole_benchmark(
    db: Database, blobs: FolderBlobs
) -> None:
    for stratum, count in ((1, 4), (2, 2), (None, 2)):
        for number in range(count):
            add(db, blobs, f"{stratum}-{number}", stratum, uncertainty=0.9 - number / 10)
    with db.transaction() as session:
        factories.join_benchmark(session, 1)
    assert sorted(keys(db, 4)) == ["1-1", "2-0", "2-1", "None-0"]
    assert len(keys(db, 50)) == 7, "all that there are, but for the member"


def test_only_what_no_round_learned_from_and_what_can_be_labelled(
    db: Database, blobs: FolderBlobs, add_labels: AddLabels
) -> None:
    add_labels(5)
    flow.start(db)
    add(db, blobs, "fresh")
    add(db, blobs, "unusable", unusable=True)
    with db.transaction() as session:
        factories.make_specimen(session, blobs, "uncropped", cropped=False)
        labelled = factories.make_specimen(session, blobs, "labelled")
        factories.make_version(session, blobs, labelled, factories.make_person(session, "Lin"))
    found = {each.key: each.is_labelled for each in propose(db, 9)}
    assert found == {"fresh": False, "labelled": True}


@pytest.mark.parametrize("count", [0, 201])
def test_a_number_that_makes_no_sense_is_refused(db: Database, count: int) -> None:
    with pytest.raises(Refused, match="1 to 200"):
        propose(db, count)
