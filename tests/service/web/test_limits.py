"""What the server refuses to read, and what it says with every answer."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.web.bodies import PLAIN_MEGABYTES
from app.web.headers import SECURITY
from tests import factories

MEGABYTE = 1_000_000


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # nothing of this reaches the database


def pieces(count: int) -> Iterator[bytes]:
    yield b'{"name": "'
    for _ in range(count):
        yield b"x" * MEGABYTE


@pytest.mark.parametrize("says_its_length", [True, False])
@pytest.mark.parametrize("path", ["/api/v1/tags", "/api/v1/rounds", "/welcome"])
def test_a_request_without_files_is_short(
    client: TestClient, path: str, says_its_length: bool
) -> None:
    body = pieces(PLAIN_MEGABYTES + 1)
    content = b"".join(body) if says_its_length else body
    kind = "application/x-www-form-urlencoded" if path == "/welcome" else "application/json"
    reply = client.post(path, content=content, headers={"content-type": kind})
    assert reply.status_code == 413
    assert f"more than the {PLAIN_MEGABYTES} MB that one request may have" in reply.text


def test_a_stranger_hands_in_nothing(stranger: TestClient) -> None:
    """A form with a file is read before anybody asks who sends it, so it is not read at all."""
    files = {"file": ("a.png", bytes((PLAIN_MEGABYTES + 1) * MEGABYTE))}
    reply = stranger.post("/api/v1/specimens/1/versions", files=files)
    assert reply.status_code in (401, 413)


def test_who_may_hand_in_masks_may_send_large_ones(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    with db.transaction() as session:
        factories.make_specimen(session, blobs)
    files = {"file": ("a.png", bytes((PLAIN_MEGABYTES + 1) * MEGABYTE))}
    reply = client.put("/api/v1/specimens/1/draft", files=files)
    assert (reply.status_code, "of no kind that can be read" in reply.text) == (422, True)


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/api/v1/status", "/static/css/boxes.css", "/health"]
)
def test_every_answer_says_what_browsers_must_not_do(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in SECURITY} == SECURITY
    assert "unsafe" not in headers["content-security-policy"]
    assert "strict-transport-security" not in headers
