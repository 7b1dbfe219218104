"""The tag "benchmark" is the way in and out."""

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import Job, JobKind
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.errors import NotFound, Refused
from app.services import benchmark, tags
from tests import factories
from tests.service.benchmark.conftest import AddModels, join
from tests.service.rounds import flow


def members_of(db: Database) -> list[int]:
    with db.reading() as session:
        return [each.id for each in session.scalars(benchmark.of_benchmark().order_by(Specimen.id))]


def measuring_jobs(db: Database) -> int:
    with db.reading() as session:
        return len(session.scalars(select(Job).where(Job.kind == JobKind.MEASUREMENTS)).all())


@pytest.mark.parametrize("word", ["benchmark", "Benchmark", "  BENCHMARK "])
def test_who_is_tagged_joins_and_who_loses_the_tag_leaves(
    db: Database, blobs: FolderBlobs, person: Person, word: str
) -> None:
    with db.transaction() as session:
        number = factories.make_specimen(session, blobs).id
    for on in (True, True, False, False):
        with db.transaction() as session:
            assert tags.tag(session, person.id, [number], word, on=on) == "benchmark"
    assert members_of(db) == []
    with db.reading() as session:
        history = [(each.joined, who and who.name) for each, who in benchmark.changes(session, 1)]
    assert history == [(False, "Ada"), (True, "Ada")], "only what changed something"


def test_another_tag_changes_nothing(db: Database, blobs: FolderBlobs, person: Person) -> None:
    with db.transaction() as session:
        number = factories.make_specimen(session, blobs).id
        tags.tag(session, person.id, [number], "white wing", on=True)
    assert members_of(db) == []


def test_what_a_round_learned_from_is_refused_by_name(
    db: Database, person: Person, members: list[int], add_models: AddModels
) -> None:
    add_models(1)
    sentence = "Round 1 has learned from moth-3, so moth-3 can judge no model any more"
    with pytest.raises(Refused, match=sentence):
        join(db, person, 4)
    assert members_of(db) == members


def test_of_several_nothing_changes_where_one_is_refused(
    db: Database, blobs: FolderBlobs, person: Person, members: list[int], add_models: AddModels
) -> None:
    add_models(1)
    with db.transaction() as session:
        fresh = factories.make_specimen(session, blobs, "fresh").id
    with pytest.raises(Refused, match=r"learned from 2 of these specimens \(round 1 from moth-3\)"):
        join(db, person, fresh, 4, 5)
    assert members_of(db) == members
    with db.reading() as session:
        assert tags.words_of(session, fresh) == []


def test_members_are_in_no_round(db: Database, members: list[int]) -> None:
    frozen = {label.version_id for label in flow.frozen(db, flow.start(db))}
    with db.reading() as session:
        own = {session.get_one(Specimen, number).version_id for number in members}
    assert len(frozen) == 4
    assert not frozen & own


def test_who_joins_is_measured_and_one_waiting_part_is_enough(
    db: Database, blobs: FolderBlobs, person: Person, add_models: AddModels
) -> None:
    assert measuring_jobs(db) == 0, "there is no model yet"
    add_models(2)
    for number in range(3):
        with db.transaction() as session:
            specimen_id = factories.make_specimen(session, blobs, f"fresh-{number}").id
        join(db, person, specimen_id)
    assert measuring_jobs(db) == 1


def test_what_is_no_member_is_not_found(db: Database, blobs: FolderBlobs) -> None:
    with db.transaction() as session:
        factories.make_specimen(session, blobs, "moth-1")
    with db.reading() as session:
        with pytest.raises(NotFound, match="moth-1 is not in the benchmark"):
            benchmark.get_member(session, 1)
        with pytest.raises(NotFound, match="There is no specimen 7"):
            benchmark.get_member(session, 7)
