"""The benchmark from the terminal."""

import json

import pytest

from tests import factories
from tests.service.cli.conftest import Mothmask
from tests.service.rounds import flow
from worker.context import Context


@pytest.fixture(autouse=True)
def specimens(context: Context) -> None:
    """Six with labels of Ada, and one without; round 1 has learned from 2 to 6, 1 is a member."""
    with context.db.transaction() as session:
        ada = factories.make_person(session, "Ada")
        for number in range(1, 7):
            specimen = factories.make_specimen(session, context.blobs, f"moth-{number}")
            factories.make_version(session, context.blobs, specimen, ada)
        factories.make_specimen(session, context.blobs, "fresh")
        factories.join_benchmark(session, 1)
    flow.add_model(context.db, flow.start(context.db))


def test_joining_and_leaving(mothmask: Mothmask) -> None:
    joined = mothmask("benchmark add", "fresh")
    assert (joined.code, joined.out) == (0, "In the benchmark now: fresh.\n")
    shown = mothmask("benchmark show")
    assert "Without a label they measure nothing: fresh." in shown.out
    assert "TEST/moth-1" in shown.out
    left = mothmask("benchmark remove", "TEST/fresh")
    assert (left.code, left.out) == (0, "No longer in the benchmark: TEST/fresh.\n")
    assert "fresh" not in mothmask("benchmark show").out


def test_what_a_round_learned_from_is_refused(mothmask: Mothmask) -> None:
    refused = mothmask("benchmark add", "moth-2")
    assert refused.code == 1
    assert refused.err.startswith("Round 1 has learned from moth-2")


@pytest.mark.parametrize("name", ["nobody", "OTHER/moth-1"])
def test_a_specimen_that_is_not_there(mothmask: Mothmask, name: str) -> None:
    refused = mothmask("benchmark add", name)
    assert (refused.code, refused.err) == (1, f"There is no specimen {name}.\n")


def test_a_name_that_two_sources_have(mothmask: Mothmask, context: Context) -> None:
    with context.db.transaction() as session:
        factories.make_specimen(session, context.blobs, "fresh", source_code="B")
    refused = mothmask("benchmark add", "fresh")
    assert "Name one as B/fresh, TEST/fresh." in refused.err
    assert mothmask("benchmark add", "B/fresh").code == 0


def test_proposing_and_letting_join(mothmask: Mothmask) -> None:
    proposed = mothmask("benchmark propose", "--count", 5)
    assert "TEST/fresh" in proposed.out
    assert "moth-2" not in proposed.out
    assert "Joined the benchmark: 1." in mothmask("benchmark propose", "--join").out
    assert "TEST/fresh" not in mothmask("benchmark propose").out


def test_the_models_as_a_table_and_as_data(mothmask: Mothmask) -> None:
    assert "Specimens in the benchmark: 1." in mothmask("benchmark list").out
    data = json.loads(mothmask("benchmark list", "--json").out)
    assert [member["key"] for member in data["members"]] == ["moth-1"]
    assert [model["model_id"] for model in data["over_time"]["models"]] == [1]


def test_measuring_waits_once(mothmask: Mothmask) -> None:
    assert "is measured as job" in mothmask("benchmark measure").out
    assert "does not wait to be measured already" in mothmask("benchmark measure").err
