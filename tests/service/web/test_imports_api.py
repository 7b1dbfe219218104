"""The upload form's way in, and what it is told afterwards."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import SecretStr

from app.main import create_app
from tests.conftest import Drain
from tests.service.importing import flow
from tests.service.importing.flow import photograph
from tests.service.web.conftest import TOKEN, browser
from tests.unit.importing import zips
from worker.context import Context

IMPORTS = "/api/v1/imports"


def upload(client: TestClient, *files: tuple[str, bytes], source: str = "SJTT") -> int:
    reply = client.post(
        IMPORTS, data={"source": source}, files=[("files", (name, data)) for name, data in files]
    )
    assert reply.status_code == 202, reply.text
    job = reply.json()["job"]
    assert job["kind"] == "import"
    return int(job["id"])


def test_many_files_of_any_kind(client: TestClient, context: Context, drain: Drain) -> None:
    job_id = upload(
        client,
        ("無法辨識.png", photograph(1)),
        ("folder/copy.png", photograph(1)),
        ("words.jpg", b"some words"),
        ("moths.zip", zips.zipped([("功許蓋.png".encode("cp950"), photograph(2))])),
    )
    drain(context, flow.HANDLERS)
    summary = client.get(f"{IMPORTS}/{job_id}").json()
    assert (summary["source"], summary["total"], summary["job"]["state"]) == ("SJTT", 4, "done")
    assert summary["counts"] == {
        "waiting": 0,
        "new": 2,
        "duplicate": 1,
        "conflict": 0,
        "refused": 1,
        "unpacked": 1,
        "excluded": 0,
        "label": 0,
    }
    assert [(file["name"], file["outcome"]) for file in summary["files"]] == [
        ("words.jpg", "refused"),
        ("moths.zip", "unpacked"),
        ("folder/copy.png", "duplicate"),
    ]
    assert "無法辨識.png in source SJTT" in summary["files"][2]["reason"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_more_files_than_the_form_reader_takes_by_itself(client: TestClient) -> None:
    files = [(f"{number}.txt", b"some words") for number in range(1100)]
    summary = client.get(f"{IMPORTS}/{upload(client, *files)}").json()
    assert summary["counts"]["waiting"] == 1100


def test_pages_of_a_long_list(client: TestClient, context: Context, drain: Drain) -> None:
    job_id = upload(client, *((f"{number}.txt", str(number).encode()) for number in range(5)))
    drain(context, flow.HANDLERS)
    page = client.get(f"{IMPORTS}/{job_id}", params={"limit": 3}).json()
    rest = client.get(f"{IMPORTS}/{job_id}", params={"after": page["next_after"]}).json()
    assert ([len(page["files"]), len(rest["files"])], rest["next_after"]) == ([3, 2], None)
    none = client.get(f"{IMPORTS}/{job_id}", params={"outcome": "new"}).json()
    assert none["files"] == []


@pytest.mark.parametrize(
    ("source", "files", "sentence"),
    [
        ("SJTT", [], "nothing to import"),
        ("", [("a.png", b"x")], "short code"),
    ],
)
def test_forms_that_are_not_filled_in(
    client: TestClient, source: str, files: list[tuple[str, bytes]], sentence: str
) -> None:
    reply = client.post(IMPORTS, data={"source": source}, files=[("files", f) for f in files])
    assert reply.status_code == 422
    assert sentence in reply.json()["error"]


def test_an_import_that_is_not_there(client: TestClient) -> None:
    assert client.get(f"{IMPORTS}/77").status_code == 404


@pytest.fixture
def narrow(context: Context) -> Iterator[TestClient]:
    """A server that accepts uploads of one megabyte."""
    update = {"token": SecretStr(TOKEN), "upload_megabytes": 1}
    app = create_app(context.settings.model_copy(update=update), context.db, context.blobs)
    with browser(app) as client:
        client.get("/", params={"token": TOKEN})
        client.post("/welcome", data={"name": "Ada"})
        yield client


@pytest.mark.parametrize("says_its_length", [True, False])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_upload_that_is_too_large(narrow: TestClient, says_its_length: bool) -> None:
    boundary = b"--x\r\n"
    start = boundary + b'Content-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    pieces = [start, *[bytes(100_000)] * 12, b"\r\n--x--\r\n"]
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    content = b"".join(pieces) if says_its_length else iter(pieces)
    reply = narrow.post(IMPORTS, content=content, headers=headers)
    assert reply.status_code == 413
    assert reply.json()["error"].startswith("This is more than the 1 MB")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_stranger_cannot_import(stranger: TestClient) -> None:
    assert stranger.post(IMPORTS, data={"source": "SJTT"}).status_code == 401


def test_the_encoding_of_names_can_be_given(
    client: TestClient, context: Context, drain: Drain
) -> None:
    packed = zips.zipped([("蝶.png".encode("gbk"), photograph(1))])
    reply = client.post(
        IMPORTS, data={"source": "X", "names": "gbk"}, files=[("files", ("m.zip", packed))]
    )
    drain(context, flow.HANDLERS)
    job_id = reply.json()["job"]["id"]
    (archive,) = client.get(f"{IMPORTS}/{job_id}").json()["files"]
    assert archive["reason"] == "1 files inside; their names were read as GBK."
    assert "their names were read as GBK" in client.get(f"/imports/{job_id}").text
    wrong = client.post(
        IMPORTS, data={"source": "X", "names": "morse"}, files=[("files", ("m.zip", packed))]
    )
    assert wrong.status_code == 422
    assert "no encoding “morse”" in wrong.json()["error"]


def boxes(client: TestClient, text: str, **fields: str) -> Response:
    files = [("files", ("boxes.csv", text.encode()))]
    reply: Response = client.post(f"{IMPORTS}/boxes", data=fields, files=files)
    return reply


def test_boxes_come_in_by_the_page(client: TestClient, context: Context, drain: Drain) -> None:
    upload(client, ("側面.png", photograph(1)), ("b.png", photograph(2)))
    drain(context, flow.HANDLERS)
    text = 'file,bboxes\n側面.jpg,"2,2,20,14"\nb.jpg,\nnever.jpg,"1,1,9,9"\nb.jpg,<b>\n'
    reply = boxes(client, text, source="SJTT").json()
    assert (reply["placed"], reply["empty"], reply["problem_count"]) == (1, 1, 2)
    job_id = reply["job"]["id"]
    page = client.get(f"/imports/{job_id}").text
    assert "never: there is no photograph of this name in source SJTT." in page
    assert "“&lt;b&gt;” is no box" in page
    told = client.get(f"{IMPORTS}/{job_id}/box-problems.csv").text.splitlines()
    assert told[0].endswith("problem")
    assert len(told) == 3
    assert f"/imports/{job_id}" in client.get("/imports").text
    assert client.get(f"/imports/{job_id}/files").status_code == 200


@pytest.mark.parametrize(
    ("text", "fields", "why"),
    [
        ("a,b\n1,2\n", {}, "no columns of files and boxes"),
        ('file,bboxes\na,"1,2,3,4"\n', {"source": "NONE"}, "no source NONE"),
        ('file,bboxes\na,"1,2,3,4"\n', {"classes": "moth"}, "no class moth"),
    ],
)
def test_boxes_that_cannot_be_taken(
    client: TestClient, text: str, fields: dict[str, str], why: str
) -> None:
    reply = boxes(client, text, **fields)
    assert reply.status_code in (404, 422)
    assert why in reply.json()["error"]
