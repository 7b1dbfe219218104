"""Detectors over the JSON API, and what the pages say of them."""

import re
from dataclasses import replace
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.detectors import DetectorPoint
from app.domain.jobs import JobState, Part
from app.domain.specimens import Specimen
from app.services import detectors
from app.services.detector_figures import Comparison, Finding, LeftOut
from app.services.detectors import DetectorChoice
from tests import factories
from tests.service.detectors import flow


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # the queries are tried on both in tests/service/detectors


def chosen(db: Database) -> DetectorChoice:
    with db.transaction() as session:
        return detectors.chosen(session, factories.make_source(session))


def with_sheet(specimen_ids: list[int]) -> Comparison:
    return replace(
        flow.COMPARISON,
        sheet=[
            Finding(specimen_ids[0], 0.0, None, (10, 8, 54, 40)),
            Finding(specimen_ids[1], 0.4, (9, 8, 30, 40), (1, 2, 3, 4)),
        ],
        absent=[LeftOut("detector:7", "The stored file is missing.")],
        left_out=[LeftOut("蛾<b>.jpg", "It is cut off.")],
    )


def test_a_training_is_started_and_followed(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    flow.add_boxes(db, blobs, 20)
    assert "Train a detector</button>" in client.get("/detectors").text
    answer = client.post("/api/v1/detectors/trainings", json={"steps": "50", "seed": ""})
    assert answer.status_code == 202
    assert answer.json()["training"] == 1
    assert answer.json()["job"]["kind"] == "detector"
    page = client.get("/detectors").text
    assert "Training 1 is running" in page
    assert 'data-refresh="/detectors/now"' in page
    again = client.post("/api/v1/detectors/trainings", json={})
    assert again.status_code == 409
    assert "still running" in again.json()["error"]


def test_the_curve_is_drawn_while_it_learns(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    flow.add_boxes(db, blobs, 20)
    round_ = flow.start(db)
    assert "<polyline" not in client.get("/detectors/now").text
    with db.transaction() as session:
        for step in (150, 300):
            session.add(
                DetectorPoint(
                    round_id=round_.id,
                    step=step,
                    loss=2.0,
                    mean_iou=0.5,
                    share_good=0.2,
                    share_whole=0.9,
                    seconds=step,
                )
            )
    text = client.get("/detectors/now").text
    assert text.count("<polyline") == 3
    assert '<th scope="row">300</th>' in text
    flow.finish(db, round_, JobState.FAILED)
    assert "data-refresh" not in client.get("/detectors/now").text


def test_too_few_boxes_are_refused_with_a_sentence(client: TestClient) -> None:
    answer = client.post("/api/v1/detectors/trainings", json={})
    assert answer.status_code == 422
    assert "at least 20 sure boxes" in answer.json()["error"]
    assert "At least 20 on 6 photographs are needed" in client.get("/detectors").text


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"steps": 10**9}, {"seed": "many"}])
def test_a_senseless_wish_is_refused(
    client: TestClient, db: Database, blobs: FolderBlobs, wrong: dict[str, object]
) -> None:
    flow.add_boxes(db, blobs, 20)
    assert client.post("/api/v1/detectors/trainings", json=wrong).status_code == 422


def test_promoting_and_going_back(client: TestClient, db: Database) -> None:
    number = flow.add_detector(db).id
    page = client.get("/detectors").text
    assert f'action="/api/v1/detectors/detector:{number}/promotion"' in page
    for name in (f"detector:{number}", "fallback"):
        assert client.post(f"/api/v1/detectors/{name}/promotion").status_code == 201
        assert chosen(db).name == name
    serving = [line["name"] for line in client.get("/api/v1/detectors").json() if line["serves"]]
    assert serving == ["fallback"]


def test_after_a_promotion_crops_can_be_made_anew(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    with db.transaction() as session:
        for code, own in (("CARS", ""), ("蛾", ""), ("SJTT", "fallback")):
            factories.make_source(session, code).detector = own
    flow.add_boxes(db, blobs, 3, source="CARS")
    touched, *_ = flow.add_boxes(db, blobs, 2, source="蛾")
    with db.transaction() as session:
        for specimen in session.scalars(select(Specimen)):
            specimen.box_checked = specimen.id == touched
            factories.as_detected(session, specimen)
    assert "anew" not in client.get("/detectors").text
    client.post("/api/v1/detectors/fallback/promotion")
    page = client.get("/detectors").text
    assert "Make crops of CARS anew" in page
    assert "Make crops of 蛾 anew" in page
    assert "Make crops of SJTT anew" not in page, "it has a detector of its own"
    cells = re.findall(r'<td class="number">(\d+)</td><td class="number">(\d+)</td>', page)
    assert cells == [("3", "0"), ("1", "1")]
    assert client.post("/api/v1/sources/CARS/crops").status_code == 202


@pytest.mark.parametrize(("name", "status"), [("detector:99", 404), ("yolo", 422)])
def test_what_does_not_exist_is_not_promoted(client: TestClient, name: str, status: int) -> None:
    answer = client.post(f"/api/v1/detectors/{name}/promotion")
    assert (answer.status_code, "no detector" in answer.json()["error"]) == (status, True)


def test_all_are_listed_with_their_figures(client: TestClient, db: Database) -> None:
    older, newer = flow.add_detector(db).id, flow.add_detector(db).id
    with db.transaction() as session:
        factories.make_source(session, "CARS").detector = f"detector:{older}"
    found = {line["name"]: line for line in client.get("/api/v1/detectors").json()}
    assert next(iter(found)) == f"detector:{newer}", "the best of the newest comparison"
    assert found[f"detector:{newer}"]["figures"]["mean_iou"]["mean"] == 0.9
    assert found["fallback"]["serves"], "which is what the setting says"
    assert found[f"detector:{older}"]["figures"] is None
    assert found[f"detector:{older}"]["sources"] == ["CARS"]


def test_the_page_of_a_detector_shows_where_it_errs(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    made = flow.add_boxes(db, blobs, 20, prefix="蛾<b>")
    detector = flow.add_detector(db, with_sheet(made))
    text = client.get(f"/detectors/{detector.id}").text
    assert text.count('class="crop-box"') == 2
    assert text.count('class="found-box"') == 1
    assert "not found" in text
    assert "+0.300" in text, "how much better it is than the fallback"
    assert "Detector 7 is not compared: The stored file is missing." in text
    assert "1 photograph was left out" in text
    assert "蛾&lt;b&gt;.jpg: It is cut off." in text
    assert "IoU 0.40" in text
    assert "蛾<b>-0" not in text
    assert "蛾<b>-0" in unescape(text)
    assert client.get("/detectors/99").status_code == 404


def test_its_files_can_be_taken_along(client: TestClient, db: Database, blobs: FolderBlobs) -> None:
    detector = flow.add_detector(db)
    assert client.get(f"/api/v1/detectors/{detector.id}/onnx").status_code == 404
    with db.transaction() as session:
        known = detectors.get_detector(session, detector.id)
        known.digest, known.weights_digest = blobs.put(b"network"), blobs.put(b"weights")
    assert client.get(f"/api/v1/detectors/{detector.id}/onnx").content == b"network"
    answer = client.get(f"/api/v1/detectors/{detector.id}/weights")
    assert answer.content == b"weights"
    assert f"mothmask-detector-{detector.id}.safetensors" in answer.headers["content-disposition"]


def test_a_file_is_handed_in_and_followed(client: TestClient, db: Database) -> None:
    answer = client.post(
        "/api/v1/detectors", files={"files": ("蛾.onnx", b"bytes")}, data={"classes": "3, 0"}
    )
    assert answer.status_code == 202
    assert answer.json()["kind"] == "detector"
    with db.reading() as session:
        (part,) = session.scalars(select(Part))
    assert (part.payload["file"], part.payload["classes"]) == ("蛾.onnx", [0, 3])
    assert "Adding 蛾.onnx" in client.get("/detectors").text


@pytest.mark.parametrize(
    ("files", "classes", "sentence"),
    [
        ([], "", "Choose one ONNX file"),
        (["a", "b"], "", "Choose one ONNX file"),
        (["a"], "moth", "“moth” is no number of a class"),
        (["a"], "-1", "“-1” is no number of a class"),
        (["a"], "99999", "numbered from 0 to 9999"),
    ],
)
def test_what_cannot_be_a_detector_is_refused_at_once(
    client: TestClient, files: list[str], classes: str, sentence: str
) -> None:
    sent = [("files", (f"{name}.onnx", b"bytes")) for name in files]
    answer = client.post("/api/v1/detectors", files=sent or None, data={"classes": classes})
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]


def test_one_that_was_added_says_where_it_is_from(client: TestClient, db: Database) -> None:
    with db.transaction() as session:
        job = detectors.add(session, "1" * 64, "外來.onnx", [2], None)
        added = detectors.store_added(
            session, job.id, digest="1" * 64, file_name="外來.onnx", classes=[2], layout="yolox"
        ).id
    text = client.get(f"/detectors/{added}").text
    assert "added as 外來.onnx" in text
    assert "YOLOX" in text
    assert "its classes 2." in text
    assert "There were no photographs to measure on" in text
    assert "外來.onnx" in client.get("/detectors").text
    assert client.get(f"/api/v1/detectors/{added}/weights").status_code == 404
    again = client.post(f"/api/v1/detectors/detector:{added}/promotion")
    assert again.status_code == 201
    assert chosen(db) == DetectorChoice(f"detector:{added}", "1" * 64, (2,))
