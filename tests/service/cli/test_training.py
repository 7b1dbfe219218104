"""Starting a round and watching it from the command line."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.cli.processes import tensorboard_command
from app.domain.jobs import Job, JobKind, JobState
from app.domain.rounds import Epoch, Round
from app.services import rounds, tags
from ml.config import TrainingConfig
from ml.presets import PRESETS
from tests import factories
from tests.servers import free_port
from tests.service.cli.conftest import Mothmask
from worker.context import Context


@pytest.fixture
def labels(context: Context) -> None:
    with context.db.transaction() as session:
        person = factories.make_person(session)
        made = [factories.make_specimen(session, context.blobs, f"m{n}") for n in range(6)]
        for specimen in made:
            factories.make_version(session, context.blobs, specimen, person)
        tags.tag(session, person.id, [each.id for each in made], "white wing", on=True)


def first_round(context: Context) -> Round:
    with context.db.reading() as session:
        return rounds.get_round(session, 1)


@pytest.mark.usefixtures("labels")
def test_without_options_a_round_is_as_the_preset_has_it(
    mothmask: Mothmask, context: Context
) -> None:
    assert "Round 1 has begun as job 1." in mothmask("train").out
    assert TrainingConfig.from_json(first_round(context).configs["random"]) == PRESETS["tiny"]


@pytest.mark.usefixtures("labels")
def test_every_wish_reaches_the_round(mothmask: Mothmask, context: Context) -> None:
    hard = ["--draw", "mix", "--hard-tag", "white wing", "--hard-tag", "pale"]
    more = ["--sample-factor", 2, "--contour-weight", 4, "--no-transfer", "--seed", 9]
    assert mothmask("train", *hard, *more, "--from-scratch").code == 0
    round_ = first_round(context)
    config = TrainingConfig.from_json(round_.configs["mix"])
    assert round_.hard_tags == ["white wing", "pale"]
    assert (config.sampling.draw, config.sampling.sample_factor) == ("mix", 2)
    assert config.loss.contour is not None
    assert (config.loss.contour.weight, config.seed) == (4, 9)


@pytest.mark.usefixtures("labels")
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--draw", "mix"], "Choose the tags that make up the hard group"),
        (["--hard-tag", "white wing"], "change nothing while pictures are drawn from everything"),
        (["--draw", "all"], "cannot be drawn as “all”"),
        (["--minority", "2"], "is a number from 0 to 1, not 2.0"),
    ],
)
def test_a_wish_that_cannot_be_met_is_a_sentence(
    mothmask: Mothmask, options: list[str], sentence: str
) -> None:
    outcome = mothmask("train", *options)
    assert outcome.code
    assert sentence in " ".join(outcome.err.split())


def test_tensorboard_listens_on_this_machine_only(mothmask: Mothmask) -> None:
    outcome = mothmask("tensorboard", "--host", "0.0.0.0")
    assert outcome.code == 1
    assert "listens on this machine only" in outcome.err


def test_tensorboard_shows_every_round(context: Context, tmp_path: Path) -> None:
    with context.db.transaction() as session:
        for number in (1, 2):
            add_epoch(session, number)
    port = free_port()
    command = tensorboard_command("127.0.0.1", port)
    log = (tmp_path / "log").open("wb")
    environment = {**os.environ, "MOTHMASK_DATA": str(context.settings.data)}
    with log, subprocess.Popen(command, stdout=log, stderr=log, env=environment) as process:
        try:
            assert _runs(port, log_file=tmp_path / "log") == ["round-1", "round-2"]
        finally:
            process.terminate()


def add_epoch(session: Session, number: int) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    job = Job(kind=JobKind.ROUND, state=JobState.DONE, result={}, created_at=moment)
    session.add(job)
    session.flush()
    configs = {"random": asdict(PRESETS["tiny"])}
    round_ = Round(number=number, job_id=job.id, preset="tiny", configs=configs, created_at=moment)
    session.add(round_)
    session.flush()
    session.add(
        Epoch(
            round_id=round_.id,
            variant="random",
            number=1,
            learning_rate=1e-3,
            seconds=1.0,
            train_loss=1.0,
            validation_loss=1.0,
            validation_dice=0.5,
        )
    )


def _runs(port: int, log_file: Path) -> list[str]:
    until = time.monotonic() + 150
    runs: list[str] = []
    while time.monotonic() < until and len(runs) < 2:
        time.sleep(0.2)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/data/runs", timeout=5) as reply:
                runs = json.load(reply)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            continue
    assert runs, log_file.read_text()
    return sorted(runs)
