"""What belongs to a mask: everybody may word it anew, and every wording stays."""

from fastapi.testclient import TestClient

from app.services.guidance import FIRST_WORDING
from app.web.pages.rule import FAULTS
from app.web.rendering import STATIC

API = "/api/v1/mask-rule"


def write(client: TestClient, text: str) -> int:
    return int(client.post(API, json={"text": text}).status_code)


def test_the_newest_wording_counts_and_the_older_ones_stay(client: TestClient) -> None:
    assert client.get(API).json()["text"] == FIRST_WORDING
    for text in ("Wings only.", "Wings\r\nand body. ", "Wings\nand body."):
        assert write(client, text) == 201
    assert client.get(API).json()["text"] == "Wings\nand body."
    page = client.get("/rule").text
    assert page.count("Wings\nand body.") == 2  # shown, and in the field; written once
    assert "Wings only." in page
    assert page.count("Ada") >= 3


def test_an_older_wording_is_restored_as_a_new_one(client: TestClient) -> None:
    for text in ("First.", "Second.", "First."):
        write(client, text)
    assert client.get(API).json()["text"] == "First."
    assert "Second." in client.get("/rule").text


def test_a_rule_says_something(client: TestClient) -> None:
    assert write(client, "  \n") == 422
    assert write(client, "a" * 20_001) == 422


def test_every_fault_has_its_picture() -> None:
    for name in FAULTS:
        assert (STATIC / "pictures" / f"{name}.png").stat().st_size < 60_000
