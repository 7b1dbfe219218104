"""From any exported mask to all that it was made of, and back, through the API alone."""

import csv
import hashlib
import io
from typing import Any
from zipfile import ZipFile

from fastapi.testclient import TestClient

from tests.service.lineage.conftest import PER_ROUND, SPECIMENS, Loop
from tests.service.web.conftest import client, stranger

__all__ = ["client", "stranger"]

Json = dict[str, Any]


class Walker:
    """Follows links, and remembers what lay behind them: the same page is not asked for twice."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.known: dict[str, Any] = {}

    def at(self, href: str) -> Any:
        if href not in self.known:
            answer = self.client.get(href)
            assert answer.status_code == 200, (href, answer.text)
            self.known[href] = answer.json()
        return self.known[href]

    def every(self, href: str) -> dict[int, Json]:
        """All items of a list, page by page."""
        found: dict[int, Json] = {}
        following: str | None = f"{href}?limit=50"
        while following is not None:
            page = self.at(following)
            found |= {item["id"]: item for item in page["items"]}
            following = page["next"]
        return found


def exported(client: TestClient, job: int) -> dict[str, bytes]:
    archive = ZipFile(io.BytesIO(client.get(f"/api/v1/exports/{job}/archive").content))
    return {name: archive.read(name) for name in archive.namelist()}


def test_every_mask_leads_to_all_it_was_made_of_and_back(client: TestClient, loop: Loop) -> None:
    files, walker = exported(client, loop.export), Walker(client)
    rows = csv.DictReader(io.StringIO(files.pop("manifest.csv").decode("utf-8-sig")))
    manifest = {row["file"]: row for row in rows}
    assert len(files) == SPECIMENS
    seen = {model: set[int]() for model in loop.models}
    for name, data in files.items():
        of = hashlib.sha256(data).hexdigest()
        [match] = walker.at(f"/api/v1/lineage?of={of}")["matches"]
        version = walker.at(match["href"])
        row = manifest[name.rsplit("/", 1)[-1]]
        assert row["version_id"] == str(version["id"])
        walk_up(walker, loop, version, row, seen)
        walk_down(walker, loop, version)
    check_rounds(walker, loop)
    assert seen == {model: loop.accepted.get(model, set()) for model in loop.models}


def walk_up(
    walker: Walker, loop: Loop, version: Json, row: dict[str, str], seen: dict[int, set[int]]
) -> None:
    """To the person, the candidate, the model, the round and what it learned from."""
    assert version["person"]["name"] == loop.makers[version["id"]]
    assert version["id"] in walker.every(walker.at(version["person"]["href"])["versions"])
    if version["candidate"] is None:
        assert version["origin"] == "hand"
        return
    candidate = walker.at(version["candidate"]["href"])
    assert [made["id"] for made in candidate["versions"]] == [version["id"]]
    assert candidate["digest"] == version["digest"]
    if version["model"] is None:
        assert row["model_id"] == ""
        return
    model = walker.at(version["model"]["href"])
    seen[model["id"]].add(version["id"])
    assert version["id"] in walker.every(model["versions"])
    assert candidate["id"] in walker.every(model["candidates"])
    round_ = walker.at(version["round"]["href"])
    assert row["round"] == str(round_["number"])
    assert [made["id"] for made in round_["models"]] == [model["id"]]
    assert set(walker.every(model["learned_from"])) == loop.frozen[round_["number"]]
    assert round_["training"] + round_["validation"] == len(loop.frozen[round_["number"]])


def walk_down(walker: Walker, loop: Loop, version: Json) -> None:
    """To the rounds that learned from it, their models, and the exports that hold it."""
    lines = walker.at(version["rounds"])
    with_it = [number for number, ids in loop.frozen.items() if version["id"] in ids]
    assert [line["round"]["id"] for line in lines] == with_it
    for line in lines:
        frozen = walker.every(walker.at(line["round"]["href"])["versions"])
        assert frozen[version["id"]]["split"] == line["split"]
        assert walker.at(line["model"]["href"])["round"] == line["round"]
    [export] = walker.at(version["exports"])
    assert export["id"] == loop.export
    assert version["id"] in walker.every(export["versions"])


def check_rounds(walker: Walker, loop: Loop) -> None:
    """The second began with the first's weights; each froze what was labelled by then."""
    sizes = [len(loop.frozen[number]) for number in loop.rounds]
    assert sizes == [PER_ROUND, 2 * PER_ROUND, 3 * PER_ROUND]
    second = walker.at(f"/api/v1/rounds/{loop.rounds[1]}")
    first_model = walker.at(second["start_model"]["href"])
    assert first_model["id"] == loop.models[0]
    assert loop.rounds[1] in [later["id"] for later in first_model["rounds"]]
