"""Rounds and models from the terminal."""

import json
from pathlib import Path

import pytest

from app.domain.jobs import Job, JobState
from app.domain.rounds import Epoch
from app.services import models, rounds
from tests import factories
from tests.service.cli.conftest import Mothmask
from worker.context import Context


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what is tried here is the command line


@pytest.fixture
def labels(context: Context) -> None:
    with context.db.transaction() as session:
        person = factories.make_person(session)
        for number in range(6):
            specimen = factories.make_specimen(session, context.blobs, f"m{number}")
            factories.make_version(session, context.blobs, specimen, person)


@pytest.fixture
def begun(labels: None, mothmask: Mothmask) -> None:
    assert labels is None
    assert "Round 1 has begun as job 1." in mothmask("rounds start").out


@pytest.fixture
def done(begun: None, context: Context) -> None:
    """Round 1 with two models, which nobody trained."""
    assert begun is None
    with context.db.transaction() as session:
        for variant in ("mix", "random"):  # it is made as "random"
            factories.make_model(session, 1).variant = variant
            session.flush()
        session.get_one(Job, 1).state = JobState.DONE


def state(context: Context) -> JobState:
    with context.db.reading() as session:
        return session.get_one(Job, 1).state


@pytest.mark.usefixtures("begun")
def test_a_round_is_steered(mothmask: Mothmask, context: Context) -> None:
    assert "is paused" in mothmask("rounds pause", 1).out
    assert json.loads(mothmask("rounds list", "--json").out)[0]["state"] == "paused"
    assert "goes on" in mothmask("rounds resume", 1).out
    assert state(context) is JobState.QUEUED
    assert "ends after its present epoch" in mothmask("rounds keep-best", 1).out
    refused = mothmask("rounds keep-best", 1, "--variant", "mix")
    assert refused.code == 1
    assert "has no variant “mix”; it has random" in refused.err
    assert "is cancelled" in mothmask("rounds cancel", 1).out
    assert state(context) is JobState.CANCELLED
    assert json.loads(mothmask("rounds list", "--json").out)[0]["state"] == "cancelled"
    assert "Round 2 repeats round 1, as job 2." in mothmask("rounds again", 1).out


@pytest.mark.usefixtures("begun")
def test_a_round_is_shown_with_its_epochs(mothmask: Mothmask, context: Context) -> None:
    with context.db.transaction() as session:
        session.add(
            Epoch(
                round_id=rounds.get_round(session, 1).id,
                variant="random",
                number=1,
                train_loss=0.5,
                validation_loss=0.4,
                validation_dice=0.91,
                learning_rate=1e-3,
                seconds=2.0,
            )
        )
    shown = json.loads(mothmask("rounds show", 1, "--json").out)
    assert shown["variants"]["random"]["epochs"][0]["validation_dice"] == 0.91
    assert "0.9100" in mothmask("rounds show", 1).out
    assert mothmask("rounds show", 9).err.strip() == "There is no round 9."


@pytest.mark.usefixtures("begun")
def test_a_training_set_is_taken_along(mothmask: Mothmask, tmp_path: Path) -> None:
    assert "6 labels of round 1" in mothmask("rounds export", 1, "--to", tmp_path / "set").out
    assert len(list((tmp_path / "set").rglob("masks/*/*.png"))) == 6
    assert (tmp_path / "set" / "config.json").is_file()


@pytest.mark.usefixtures("done")
def test_models_are_chosen_among(mothmask: Mothmask, context: Context) -> None:
    assert "Model 1 serves from now on." in mothmask("models promote", 1).out
    assert mothmask("models promote", 2).code == 0
    assert "Model 1 serves again." in mothmask("models roll-back").out
    with context.db.reading() as session:
        serving = models.serving(session)
    assert serving is not None
    assert serving.id == 1
    refused = mothmask("models discard", 1)
    assert (refused.code, "serves, so it cannot be discarded" in refused.err) == (1, True)
    assert mothmask("models discard", 2).code == 0
    listed = json.loads(mothmask("models list", "--json").out)
    assert [(m["model"], m["serves"], m["discarded"]) for m in listed] == [
        (2, False, True),
        (1, True, False),
    ]
    assert mothmask("models keep", 2).code == 0
    assert "serves" in mothmask("models list").out
    assert "of round 1" in mothmask("models show", 1).out
    assert "no specimens that both were measured on" in mothmask("models compare", 1, 2).out
    assert json.loads(mothmask("models compare", 2, 1, "--json").out) == []
