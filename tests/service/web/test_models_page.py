"""The page of a model: what it is worth, and which of two is better, in words and as pictures."""

from dataclasses import asdict
from datetime import datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.blobs import FolderBlobs
from app.db import Database, now
from app.domain.jobs import JobKind, JobState
from app.domain.labelling import LabelVersion
from app.domain.people import Person
from app.domain.rounds import ContactSheet, Measurement, Round, RoundLabel
from app.domain.specimens import Split
from app.services import jobs
from ml.presets import PRESETS
from tests import factories

DICES = ([0.90, 0.91, 0.92, 0.93, 0.94, 0.95], [0.93, 0.94, 0.95, 0.96, 0.97, 0.96])


@pytest.fixture
def measured(client: TestClient, db: Database, blobs: FolderBlobs) -> TestClient:
    """Two models, the second of them better on all six specimens."""
    with db.transaction() as session:
        person = session.get_one(Person, 1)
        versions = []
        for number in range(6):
            specimen = factories.make_specimen(session, blobs, f"moth-{number}")
            specimen.stratum = number % 2
            versions.append(factories.make_version(session, blobs, specimen, person).id)
        for dices in DICES:
            model_id = _add_model(session, versions)
            session.add_all(
                _measurement(model_id, version_id, dice, now(session))
                for version_id, dice in zip(versions, dices, strict=True)
            )
    return client


def test_the_page_says_which_model_is_better(measured: TestClient) -> None:
    better, worse = measured.get("/models/2").text, measured.get("/models/1").text
    assert "better: on 6 of 6 specimens, worse on 0" in better
    assert "+0.027" in better
    assert "worse: on 6 of 6 specimens, better on 0" in worse
    assert "-0.027" in worse


@pytest.mark.parametrize("count", [2, 5])
def test_few_specimens_make_no_model_better(measured: TestClient, db: Database, count: int) -> None:
    with db.transaction() as session:
        session.execute(delete(Measurement).where(Measurement.version_id > count))
    for model_id in (1, 2):
        assert "not surely better or worse" in measured.get(f"/models/{model_id}").text


def test_of_one_specimen_no_range_is_said(measured: TestClient, db: Database) -> None:
    with db.transaction() as session:
        session.execute(delete(Measurement).where(Measurement.version_id > 1))
    page = measured.get("/models/2").text
    assert "0.930" in page
    assert "0.930 to 0.930" not in page


def test_every_interval_is_in_the_table_and_drawn(measured: TestClient) -> None:
    page = measured.get("/models/2").text
    assert "All that it did not learn from" in page
    assert "0.952" in page
    measured_rows = page.count('<td class="plot">')
    assert measured_rows == 4, "overall, validation, one source, one comparison"
    assert page.count("<circle") == measured_rows


def test_a_model_that_serves_offers_no_promotion(measured: TestClient) -> None:
    assert 'action="/api/v1/models/2/promotion"' not in measured.get("/models/2").text
    assert 'action="/api/v1/models/1/promotion"' in measured.get("/models/1").text
    measured.post("/api/v1/models/1/promotion")
    assert 'action="/api/v1/models/2/promotion"' in measured.get("/models/2").text


def test_the_labels_of_a_round_are_counted_by_stratum(measured: TestClient) -> None:
    page = " ".join(measured.get("/rounds/1").text.split())
    assert '<th scope="row">0</th> <td class="number">2</td><td class="number">1</td>' in page
    assert '<th scope="row">1</th> <td class="number">3</td><td class="number">0</td>' in page


def test_the_newest_contact_sheet_is_large(
    measured: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    digests = [blobs.put(name) for name in (b"old", b"new")]
    with db.transaction() as session:
        session.add_all(
            ContactSheet(round_id=1, variant="random", epoch=epoch, digest=digest)
            for epoch, digest in zip((10, 20), digests, strict=True)
        )
    page = measured.get("/rounds/1/sheets").text
    old, new = digests
    assert f'<img src="/pictures/blobs/{new}.png" alt="Contact sheet of epoch 20">' in page
    assert f'<img src="/pictures/crops/{old}.png' in page


def _add_model(session: Session, versions: list[int]) -> int:
    """A model of a finished round that learned from those labels but for the first one."""
    moment = now(session)
    job = jobs.start(session, JobKind.ROUND, 1)
    job.state = JobState.DONE
    config = asdict(PRESETS["tiny"])
    round_ = Round(
        number=job.id, job_id=job.id, preset="tiny", configs={"random": config}, created_at=moment
    )
    session.add(round_)
    session.flush()
    session.add_all(
        RoundLabel(
            round_id=round_.id,
            version_id=version_id,
            specimen_id=session.get_one(LabelVersion, version_id).specimen_id,
            split=Split.TRAINING if number else Split.VALIDATION,
            stratum=number % 2,
        )
        for number, version_id in enumerate(versions)
    )
    return factories.make_model(session, round_.id).id


def _measurement(model_id: int, version_id: int, dice: float, moment: datetime) -> Measurement:
    rates = ("iou", "pixel_accuracy", "mean_pixel_accuracy", "mean_iou", "frequency_weighted_iou")
    return Measurement(
        model_id=model_id,
        version_id=version_id,
        split=Split.VALIDATION if version_id == 1 else None,
        dice=dice,
        boundary_f=dice - 0.1,
        hausdorff_95=None,
        created_at=moment,
        **dict.fromkeys(rates, dice),
    )
