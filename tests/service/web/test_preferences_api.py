"""How a person likes the pages is kept, for that person alone, and comes with every page."""

import json
import re
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

API = "/api/v1/preferences"


def on_page(client: TestClient) -> dict[str, Any]:
    found = re.search(r'data-preferences="([^"]*)"', client.get("/").text)
    assert found is not None
    values: dict[str, Any] = json.loads(unescape(found[1]))
    return values


def test_keys_are_kept_replaced_and_shown_to_the_pages(client: TestClient) -> None:
    assert client.get(f"{API}/keys").json() is None
    for keys in ({"review": {"accept": "q"}}, {"review": {"accept": '"'}, "grid": {}}):
        assert client.put(f"{API}/keys", json=keys).status_code == 204
        assert client.get(f"{API}/keys").json() == keys
        assert on_page(client) == {"keys": keys}


def test_each_person_has_their_own(client: TestClient) -> None:
    client.put(f"{API}/letters", json=False)
    client.put(f"{API}/fill", json="green")
    assert on_page(client) == {"letters": False, "fill": "green"}
    client.post("/welcome", data={"name": "Lin"})
    assert on_page(client) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("keys", {"kitchen": {"accept": "q"}}),
        ("keys", {"review": {"accept": "q" * 41}}),
        ("keys", ["q"]),
        ("letters", "no"),
        ("fill", "mauve"),
    ],
)
def test_what_makes_no_sense_is_refused(client: TestClient, name: str, value: object) -> None:
    assert client.put(f"{API}/{name}", json=value).status_code == 422
    assert on_page(client) == {}


def test_a_refusal_does_not_repeat_what_was_sent(client: TestClient) -> None:
    for sent in ("\ud800", "x" * 100_000):  # the first is no text that an answer can hold
        answer = client.put(f"{API}/fill", content=json.dumps(sent))
        assert (answer.status_code, len(answer.text) < 200) == (422, True)


def test_unknown_names_are_refused(client: TestClient) -> None:
    assert client.put(f"{API}/weather", json=1).status_code == 404
    assert client.get(f"{API}/weather").status_code == 404
