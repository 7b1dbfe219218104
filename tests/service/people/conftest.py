"""Servers on which people have accounts, and browsers of those who have one."""

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Role, SignIn
from app.main import create_app
from app.services import accounts, passwords
from app.settings import Settings
from tests.service.web.conftest import TOKEN, browser

PASSWORD = "a long enough password"

Server = Callable[..., FastAPI]


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """What guards a real password takes a tenth of a second, each time."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_nobodys", quick.hash("nobody knows"))


@pytest.fixture
def server(settings: Settings, db: Database, blobs: FolderBlobs) -> Server:
    """An application with other settings than usual."""

    def make(**changed: object) -> FastAPI:
        update = {"token": SecretStr(TOKEN), "sign_in": SignIn.PASSWORD, **changed}
        return create_app(settings.model_copy(update=update), db, blobs)

    return make


@pytest.fixture
def app(server: Server) -> FastAPI:
    return server()


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    return browser(app)


def add(db: Database, name: str, role: Role = Role.CURATOR) -> int:
    with db.transaction() as session:
        return accounts.add(session, name, role, password=PASSWORD).person_id


def sign_in(app: FastAPI, name: str, password: str = PASSWORD) -> TestClient:
    client = browser(app)
    answer = client.post("/sign-in", data={"name": name, "password": password, "then": "/data"})
    assert answer.status_code == 200, answer.text
    assert answer.url.path == "/data"
    return client
