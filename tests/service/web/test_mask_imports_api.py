"""The way in for masks from files, what the page is told, and the button at its end."""

import numpy as np
import pytest
from fastapi.testclient import TestClient

from ml.imaging.masks import decode_mask
from tests.conftest import Drain
from tests.service.masks import flow
from tests.service.masks.flow import blue_file, mask, mask_file
from tests.unit.imaging.pictures import png
from worker.context import Context

IMPORTS = "/api/v1/mask-imports"


def upload(client: TestClient, kind: str = "auto", **files: bytes) -> int:
    parts = [("files", (f"{name}.png", data)) for name, data in files.items()]
    reply = client.post(IMPORTS, data={"kind": kind}, files=parts)
    assert reply.status_code == 202, reply.text
    assert reply.json()["job"]["kind"] == "masks"
    return int(reply.json()["import_id"])


def test_from_upload_to_versions(client: TestClient, context: Context, drain: Drain) -> None:
    moth, _ = flow.specimens(context, "moth", "other")
    flow.specimens(context, "other", source="CARS")
    import_id = upload(client, moth_mask=png(255 - mask()), other_rgb=blue_file(), odd=b"words")
    address = f"{IMPORTS}/{import_id}"
    waiting = client.get(address).json()
    assert (waiting["job"]["state"], waiting["counts"]["waiting"]) == ("running", 3)
    drain(context, flow.HANDLERS)
    found = client.get(address).json()
    assert (found["total"], found["taken_as"], found["next_after"]) == (3, None, None)
    first, second, third = found["files"]
    assert (first["outcome"], first["kind"], first["inverted"]) == ("matched", "mask", False)
    assert first["reason"] == "Most of the border is specimen: is the mask inverted?"
    assert first["specimen"] == {"id": moth, "key": "moth", "source": "TEST"}
    assert [choice["source"] for choice in second["choices"]] == ["TEST", "CARS"]
    assert (third["outcome"], third["blue"], third["crop"]) == ("unmatched", None, None)
    for picture in (first["crop"], first["blue"]):
        assert client.get(picture).status_code == 200

    turned = client.patch(f"{address}/files/{first['id']}", json={"inverted": True}).json()
    assert (turned["inverted"], turned["reason"]) == (True, "")
    chosen = {"specimen_id": second["choices"][1]["id"]}
    other = client.patch(f"{address}/files/{second['id']}", json=chosen).json()
    assert (other["outcome"], other["kind"], len(other["choices"])) == ("matched", "blue", 2)

    wanted = {"as": "versions", "except": [other["id"]], "decision_id": "0123456789"}
    for _ in range(2):
        assert client.post(f"{address}/taking", json=wanted).json() == {"taken": 1, "left": 0}
    after = client.get(address, params={"outcome": "matched"}).json()
    assert (after["taken_as"], [bool(file["version_id"]) for file in after["files"]]) == (
        "versions",
        [True, False],
    )


def test_pages_by_outcome(client: TestClient, context: Context, drain: Drain) -> None:
    flow.specimens(context, "a", "b", "c")
    import_id = upload(client, a=mask_file(), x=mask_file(), b=mask_file(), c=mask_file())
    drain(context, flow.HANDLERS)
    address, query = f"{IMPORTS}/{import_id}", {"outcome": "matched", "limit": 2}
    page = client.get(address, params=query).json()
    rest = client.get(address, params={**query, "after": page["next_after"]}).json()
    names = [file["name"] for file in page["files"] + rest["files"]]
    assert (names, rest["next_after"]) == (["a.png", "b.png", "c.png"], None)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_page_offers_first_what_can_be_taken(client: TestClient) -> None:
    import_id = upload(client, nobody=b"no picture")
    page = client.get(f"/mask-imports/{import_id}").text
    assert page.index('"matched": ') < page.index('"wrong-size": ') < page.index('"unmatched": ')


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_refusals(client: TestClient, context: Context) -> None:
    flow.specimens(context, "a")
    assert client.get(f"{IMPORTS}/7").status_code == 404
    assert "nothing to import" in client.post(IMPORTS, data={"kind": "auto"}).json()["error"]
    odd = client.post(IMPORTS, data={"kind": "odd"}, files=[("files", ("a.png", mask_file()))])
    assert odd.json()["error"].startswith("There is no kind “odd”; use auto or one of mask, cutout")
    import_id = upload(client, a=mask_file())
    early = client.post(f"{IMPORTS}/{import_id}/taking", json={"as": "versions"})
    assert (early.status_code, "still being read" in early.json()["error"]) == (409, True)
    assert client.post(f"{IMPORTS}/{import_id}/taking", json={"as": "all"}).status_code == 422
    assert client.patch(f"{IMPORTS}/{import_id}/files/99", json={}).status_code == 404


@pytest.mark.parametrize(
    ("data", "fields", "expected"),
    [
        (blue_file(2), {}, mask(2)),
        (blue_file(2), {"kind": "blue", "inverted": "true"}, 255 - mask(2)),
        (png(1 - mask(2) // 255), {}, mask(2)),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_one_upload_takes_every_kind(
    client: TestClient,
    context: Context,
    data: bytes,
    fields: dict[str, str],
    expected: np.ndarray,
) -> None:
    (moth,) = flow.specimens(context, "moth")
    reply = client.post(
        f"/api/v1/specimens/{moth}/versions",
        data={"decision_id": "0123456789", "origin": "upload", **fields},
        files={"file": ("moth_cropped.png", data)},
    )
    assert reply.status_code == 201, reply.text
    item = client.get(f"/api/v1/specimens/{moth}/review-item").json()
    stored = client.get(item["current"]["mask_full"]).content
    np.testing.assert_array_equal(decode_mask(stored), expected)
