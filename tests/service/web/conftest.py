"""A browser without a screen: signed in by the link, with a name."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.blobs import FolderBlobs
from app.db import Database
from app.main import create_app
from app.settings import Settings

TOKEN = "the-printed-token"
ORIGIN = "http://127.0.0.1:8000"


def browser(app: FastAPI, address: str = "127.0.0.1") -> TestClient:
    """Says where its requests come from, as browsers do."""
    headers = {"origin": ORIGIN}
    return TestClient(app, base_url=ORIGIN, headers=headers, client=(address, 50000))


@pytest.fixture
def stranger(settings: Settings, db: Database, blobs: FolderBlobs) -> Iterator[TestClient]:
    """Somebody who has not opened the link."""
    known = settings.model_copy(update={"token": SecretStr(TOKEN)})
    with browser(create_app(known, db, blobs)) as client:
        yield client


@pytest.fixture
def client(stranger: TestClient) -> TestClient:
    stranger.get("/", params={"token": TOKEN})
    assert stranger.post("/welcome", data={"name": "Ada"}).status_code == 200
    return stranger
