"""The benchmark over the JSON API and as pages."""

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.specimens import Specimen
from ml.imaging.masks import encode_mask
from tests import factories
from tests.service.benchmark.conftest import predict
from tests.service.rounds import flow

# The services beneath are tested on both databases.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

LIN, FRESH = 1, 7
"""The person who signs in, and a specimen that no round has seen."""


@pytest.fixture
def model(client: TestClient, db: Database, blobs: FolderBlobs) -> int:
    """The labels are Ada's, and Lin looks at them; specimens 1 and 2 are members."""
    assert client
    with db.transaction() as session:
        session.get_one(Person, LIN).name = "Lin"
        ada = factories.make_person(session, "Ada")
        for number in range(1, 7):
            specimen = factories.make_specimen(session, blobs, f"moth-{number}")
            factories.make_version(session, blobs, specimen, ada)
        factories.make_specimen(session, blobs, "fresh")
        for member in (1, 2):
            factories.join_benchmark(session, member)
    model_id = flow.add_model(db, flow.start(db)).id
    for member in (1, 2):
        predict(db, blobs, model_id, member)
    return model_id


def upload(client: TestClient, specimen_id: int, decision_id: str = "second-1") -> tuple[int, str]:
    file = {"file": ("second.png", encode_mask(factories.moth_mask(1)), "image/png")}
    form = {"decision_id": decision_id, "origin": "upload"}
    path = f"/api/v1/benchmark/members/{specimen_id}/second-labels"
    answer = client.post(path, files=file, data=form)
    return answer.status_code, answer.json().get("error", "")


def keys(client: TestClient) -> list[str]:
    return [each["key"] for each in client.get("/api/v1/benchmark").json()["members"]]


def test_joining_and_leaving(client: TestClient, model: int) -> None:
    assert model
    joined = client.post("/api/v1/benchmark/members", json={"specimens": [FRESH]})
    assert (joined.status_code, joined.json()) == (201, {"specimens": 1})
    assert keys(client) == ["fresh", "moth-1", "moth-2"]
    assert client.delete(f"/api/v1/benchmark/members/{FRESH}").status_code == 204
    assert keys(client) == ["moth-1", "moth-2"]


@pytest.mark.parametrize(
    ("specimens", "status", "error"),
    [
        ([3], 422, "Round 1 has learned from moth-3"),
        ([99], 404, "There is no specimen 99"),
        ([], 422, "Choose at least one specimen"),
    ],
)
def test_who_cannot_join(
    client: TestClient, model: int, specimens: list[int], status: int, error: str
) -> None:
    assert model
    answer = client.post("/api/v1/benchmark/members", json={"specimens": specimens})
    assert answer.status_code == status
    assert answer.json()["error"].startswith(error)


def test_the_tag_is_refused_where_a_round_has_learned(client: TestClient, model: int) -> None:
    assert model
    tagged = client.post("/api/v1/specimens/3/tags", json={"word": "Benchmark"})
    assert tagged.status_code == 422
    assert "Round 1 has learned from moth-3" in tagged.json()["error"]


def test_measuring_is_one_job(client: TestClient, model: int) -> None:
    assert model
    asked = client.post("/api/v1/benchmark/measurements")
    assert (asked.status_code, asked.json()["kind"]) == (202, "measurements")
    assert client.post("/api/v1/benchmark/measurements").status_code == 422


def test_a_second_mask_once_by_somebody_else(client: TestClient, db: Database, model: int) -> None:
    assert model
    assert upload(client, 1)[0] == 201
    assert upload(client, 1)[0] == 201, "the same again is the same"
    assert upload(client, 3, "second-3") == (404, "moth-3 is not in the benchmark.")
    assert upload(client, 99, "second-9")[0] == 404
    assert "Lin" in client.get("/benchmark/1").text
    with db.reading() as session:
        assert session.get_one(Specimen, 1).version_id == 1, "the label is what it was"


def test_a_second_mask_that_is_none_is_refused(client: TestClient, model: int) -> None:
    assert model
    answer = client.post(
        "/api/v1/benchmark/members/1/second-labels",
        files={"file": ("second.png", b"no picture", "image/png")},
        data={"decision_id": "second-1", "origin": "upload"},
    )
    assert answer.status_code in (415, 422)
    assert answer.json()["error"]


def test_a_second_drawing_shows_no_other_mask(client: TestClient, model: int) -> None:
    page = client.get("/specimens/1/drawing?second=true").text
    assert "without seeing the label" in page
    assert '"masks": []' in page
    assert '"start": null' in page
    assert '"parent_id": null' in page
    assert f"U-Net {model}" not in page


def test_who_made_the_label_cannot_draw_a_second_one(
    client: TestClient, db: Database, blobs: FolderBlobs, model: int
) -> None:
    assert model
    with db.transaction() as session:
        specimen = session.get_one(Specimen, 1)
        factories.make_version(session, blobs, specimen, session.get_one(Person, LIN))
    refused = client.get("/specimens/1/drawing?second=true")
    assert refused.status_code == 422
    assert "You have made a label of moth-1 yourself" in refused.text
    assert "You have made a label of moth-1 yourself" in client.get("/benchmark/1").text


def test_one_member_beside_its_label_or_another_model(
    client: TestClient, db: Database, blobs: FolderBlobs, model: int
) -> None:
    other = flow.add_model(db, flow.start(db)).id
    predict(db, blobs, other, 1, grown=3)
    page = client.get(f"/benchmark/1?model={model}").text
    assert "/pictures/differences/version-1/candidate-" in page
    beside = client.get(f"/benchmark/1?model={model}&against={other}").text
    assert "/pictures/differences/candidate-" in beside
    assert client.get("/benchmark/1?model=77").status_code == 404
    assert client.get("/benchmark/3").status_code == 404


def test_the_proposal_shows_before_anything_joins(client: TestClient, model: int) -> None:
    assert model
    page = client.get("/benchmark/proposal?count=5").text
    assert "fresh" in page
    assert "moth-3" not in page
    assert keys(client) == ["moth-1", "moth-2"]
    proposed = client.get("/api/v1/benchmark/proposals?count=5").json()
    assert [(each["key"], each["is_labelled"]) for each in proposed] == [("fresh", False)]


def test_the_table_for_spreadsheets(client: TestClient, model: int) -> None:
    answer = client.get("/api/v1/benchmark.csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("specimen_id,specimen,source,stratum")
    assert len(lines) == 3, "two members, one model"
    assert lines[1].startswith("1,moth-1,TEST,")
    assert lines[1].endswith(f",{model},1,random,,")
    figures = client.get("/api/v1/benchmark/figures").json()
    assert (figures["members"], figures["human"]) == (2, None)
    assert [each["model_id"] for each in figures["models"]] == [model]
