"""Who gets in, and what the first visit asks."""

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.main import create_app
from app.settings import Settings
from tests.service.web.conftest import ORIGIN, TOKEN


@pytest.mark.parametrize(
    "path", ["/", "/specimens", "/api/v1/review-queue", "/pictures/photographs/1.png"]
)
def test_without_the_link_nothing_opens(stranger: TestClient, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 401
    assert "link that Mothmask printed" in answer.text


def test_a_wrong_token_opens_nothing(stranger: TestClient) -> None:
    assert stranger.get("/", params={"token": "guessed"}).status_code == 401


def test_a_server_without_a_token_lets_nobody_in(
    settings: Settings, db: Database, blobs: FolderBlobs
) -> None:
    client = TestClient(create_app(settings, db, blobs), base_url=ORIGIN)
    assert client.get("/", params={"token": ""}).status_code == 401


def test_the_link_asks_for_a_name_once(stranger: TestClient) -> None:
    asked = stranger.get("/", params={"token": TOKEN})
    assert asked.url.path == "/welcome"
    greeted = stranger.post("/welcome", data={"name": "  林  小姐 "})
    assert "林 小姐" in greeted.text
    assert stranger.get("/").url.path == "/"


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_name_that_is_none_is_asked_for_again(stranger: TestClient, name: str) -> None:
    stranger.get("/", params={"token": TOKEN})
    assert stranger.post("/welcome", data={"name": name}).status_code == 422


def test_changes_from_other_sites_are_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/rounds", json={}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_a_foreign_host_name_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"host": "attacker.example"}).status_code == 400


def test_no_page_allows_inline_scripts(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy


def test_the_status_is_told_by_the_words_of_the_states(client: TestClient) -> None:
    told = client.get("/api/v1/status").json()
    assert list(told["specimens"]) == [
        "imported",
        "uncropped",
        "cropped",
        "proposed",
        "labelled",
        "unusable",
    ]
