"""Sources and taxa over HTTP: settings, patterns tried, tables looked at and taken."""

import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.services.source_presets import PRESETS
from tests.service.sources import flow
from tests.service.web.conftest import client, stranger
from worker.context import Context

__all__ = ["client", "stranger"]
API = "/api/v1/sources"


def upload(client: TestClient, address: str, text: str, **fields: str) -> dict[str, object]:
    files = {"files": ("表.csv", text.encode("cp950"))}
    reply = client.post(address, files=files, data=fields)
    assert reply.status_code == 200, reply.text
    found: dict[str, object] = reply.json()
    return found


def test_a_source_is_made_and_changed(client: TestClient, db: Database, context: Context) -> None:
    made = client.post(API, json={"code": "SJTT", "preset": "SJTT", "scale_w": "0.3"})
    assert made.status_code == 201, made.text
    assert made.json()["source"]["scale_w"] == 0.3
    with db.transaction() as session:
        flow.specimen(session, context.blobs, "LYM11_SJTT0764_1_female")
    changed = client.patch(f"{API}/SJTT", json={"half_split": "false", "padding": "corners"})
    assert changed.json()["renamed"] == 1
    assert (changed.json()["untouched"], changed.json()["touched"]) == (0, 1)
    shape = client.get(f"{API}/SJTT").json()
    assert (shape["half_split"], shape["padding"], shape["scale_w"]) == (False, "corners", 0.3)
    assert [each["code"] for each in client.get(API).json()] == ["SJTT"]
    refused = client.patch(f"{API}/SJTT", json={"name_pattern": "(?=x)"})
    assert refused.status_code == 422
    assert "Looking ahead" in refused.json()["error"]
    assert client.get(f"{API}/NONE").status_code == 404


def test_a_pattern_is_tried_on_names(client: TestClient, db: Database, context: Context) -> None:
    with db.transaction() as session:
        flow.specimen(session, context.blobs, "m1")
    trial = {
        "name_pattern": PRESETS["SJTT"].name_pattern,
        "label_pattern": PRESETS["SJTT"].label_pattern,
    }
    own = client.post(f"{API}/SJTT/trial", json=trial).json()
    assert (own["fitting"], [each["name"] for each in own["names"]]) == (0, ["SJTT-m1.png"])
    names = "GEO無法辨識-1_SJTT00018_female.jpg\r\nLYM11_SJTT0764_1_female.JPG\n\nIMG_1\n"
    pasted = client.post(f"{API}/SJTT/trial", json={**trial, "names": names}).json()
    assert pasted["fitting"] == 2
    first, second, broken = pasted["names"]
    assert first["parts"]["taxon"] == "GEO無法辨識-1"
    assert (first["label"], second["label"], broken["fits"]) == (False, True, False)
    bad = client.post(f"{API}/SJTT/trial", json={"name_pattern": "("})
    assert bad.status_code == 422


def test_tables_are_looked_at_before_they_count(
    client: TestClient, db: Database, context: Context
) -> None:
    with db.transaction() as session:
        flow.specimen(session, context.blobs, "m1")
    text = "原因,檔名\n側面,m1\n殘缺,\n"
    seen = upload(client, f"{API}/SJTT/exclusions?preview=true", text)
    assert seen["counts"] == {"rows": 2, "new": 1, "here": 1, "labelled": 0, "problems": 1}
    assert seen["problems"] == [{"line": 3, "error": "It gives no name."}]
    assert seen["encoding"] == "cp950"
    done = upload(client, f"{API}/SJTT/exclusions", text)
    assert done["counts"] == seen["counts"]
    again = upload(client, f"{API}/SJTT/exclusions", text)
    assert again["counts"]["new"] == 0  # type: ignore[index]
    assert "側面" in client.get("/sources/SJTT").text

    table = "檔名,採集地\nm1,臺北\n"
    joined = upload(client, f"{API}/SJTT/metadata?preview=true", table, key="")
    assert (joined["key"], joined["first"]) == ("檔名", [["m1", "臺北"]])
    upload(client, f"{API}/SJTT/metadata", table, key="檔名")
    nothing = client.post(f"{API}/SJTT/metadata", data={"key": ""})
    assert (nothing.status_code, nothing.json()["error"]) == (422, "Choose a CSV file.")


def test_taxa_over_http(client: TestClient) -> None:
    upload(client, "/api/v1/taxa", "代碼,科,學名\nLYM11,Erebidae,Lymantria\n")
    assert client.get("/api/v1/taxa").json() == [
        {"code": "LYM11", "family": "Erebidae", "name": "Lymantria", "specimens": 0}
    ]
    assert "Lymantria" in client.get("/taxa", params={"search": "ereb"}).text


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_pages_of_sources(client: TestClient, db: Database, context: Context) -> None:
    assert client.get("/sources").status_code == 200
    with db.transaction() as session:
        flow.specimen(session, context.blobs, "m1")
    assert "SJTT" in client.get("/sources").text
    assert client.get("/sources/SJTT").status_code == 200
    assert client.get("/sources/NONE").status_code == 404
