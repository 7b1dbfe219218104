"""Rounds that are trained again, and training sets that are taken along."""

import csv
import io
import json
import zipfile

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import Job
from app.domain.people import Person
from app.domain.photographs import Source
from app.domain.rounds import Round
from app.domain.specimens import Specimen
from app.errors import Conflict, NotFound
from app.services import round_export, round_repeating, round_starting, tags
from app.services.round_options import RoundOptions
from ml.imaging.masks import decode_mask
from tests import factories
from tests.conftest import Drain
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from worker.context import Context


@pytest.fixture
def trained(context: Context, person: Person, add_labels: AddLabels, drain: Drain) -> Round:
    labels = add_labels(6)
    with context.db.transaction() as session:
        tags.tag(session, person.id, labels, "pale", on=True)
    options = RoundOptions(draws=("mix",), hard_tags=("pale",), seed=5)
    with context.db.transaction() as session:
        round_ = round_starting.start_round(session, preset="tiny", person_id=None, options=options)
    drain(context)
    return round_


def change_everything(
    db: Database, blobs: FolderBlobs, person: Person, add_labels: AddLabels
) -> None:
    """Labels, tags, strata and the source are other ones than when the round began."""
    add_labels(3)
    with db.transaction() as session:
        for specimen in session.scalars(select(Specimen).order_by(Specimen.id)).all():
            factories.make_version(session, blobs, specimen, person, grown=4)
            specimen.stratum = 2
        for source in session.scalars(select(Source)):
            source.padding = "corners"
        tags.tag(session, person.id, [1, 2, 3], "pale", on=False)


def test_a_round_that_is_trained_again_makes_the_same_weights(
    context: Context,
    blobs: FolderBlobs,
    trained: Round,
    person: Person,
    add_labels: AddLabels,
    drain: Drain,
) -> None:
    db = context.db
    frozen = flow.frozen(db, trained)
    change_everything(db, blobs, person, add_labels)
    assert flow.frozen(db, trained) == frozen
    with db.transaction() as session:
        again = round_repeating.again(
            session, trained.number, person_id=person.id, request_id="click"
        )
        assert round_repeating.again(session, 1, person_id=None, request_id="click") is again
        with pytest.raises(Conflict, match="still running"):
            round_repeating.again(session, 1, person_id=None)
    drain(context)
    assert flow.frozen(db, again) == frozen
    assert again.again_of_id == trained.id
    assert flow.weights_of(db, again) == flow.weights_of(db, trained)


def test_the_page_shows_what_was_frozen(
    db: Database, blobs: FolderBlobs, trained: Round, person: Person
) -> None:
    with db.transaction() as session:
        factories.make_version(session, blobs, session.get_one(Specimen, 1), person, grown=2)
    with db.reading() as session:
        first = round_repeating.frozen_page(session, trained.id, limit=4)
        rest = round_repeating.frozen_page(session, trained.id, after=first[-1].version_id)
    assert [line.is_current for line in [*first, *rest]] == [False, *[True] * 5]
    assert all(line.hard for line in first)
    assert {line.author for line in rest} == {"Ada"}


def test_the_training_set_can_be_taken_along(
    context: Context, blobs: FolderBlobs, trained: Round, person: Person, drain: Drain
) -> None:
    db = context.db
    with db.transaction() as session:
        factories.make_version(session, blobs, session.get_one(Specimen, 1), person, grown=2)
        job_id = round_export.start(session, trained.number, person.id).id
    drain(context)
    with db.reading() as session:
        result = session.get_one(Job, job_id).result
    assert (result["name"], result["count"]) == ("mothmask-round-1.zip", 6)
    archive = zipfile.ZipFile(io.BytesIO(blobs.read(result["archive"])))
    rows = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
    frozen = {label.version_id: label for label in flow.frozen(db, trained)}
    assert {int(row["version_id"]) for row in rows} == set(frozen)
    for row in rows:
        label = frozen[int(row["version_id"])]
        assert (row["split"], row["hard"]) == (label.split.value, "1")
        assert archive.read(f"masks/{row['file']}") == blobs.read(label.mask_digest)
        assert archive.read(f"imgs/{row['file']}") == blobs.read(label.crop_digest)
        assert decode_mask(archive.read(f"masks/{row['file']}")).any()
    settings = json.loads(archive.read("config.json"))
    assert settings["variants"] == json.loads(json.dumps(trained.configs))
    assert (settings["hard_tags"], settings["start_weights_sha256"]) == (["pale"], None)


def test_what_is_not_there_cannot_be_trained_again(db: Database) -> None:
    with db.transaction() as session, pytest.raises(NotFound):
        round_repeating.again(session, 7, person_id=None)
