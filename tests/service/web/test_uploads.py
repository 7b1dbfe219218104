"""Forms with many files do not fill the memory."""

import tracemalloc

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.settings import Settings
from app.web.uploads import UploadForm, files_in


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_files_of_a_form_wait_on_the_disk(settings: Settings) -> None:
    app = FastAPI()
    app.state.settings = settings
    held: list[int] = []

    @app.post("/")
    def measure(form: UploadForm) -> int:
        held.append(tracemalloc.get_traced_memory()[0])
        return len(files_in(form))

    files = [("files", (f"{number}.png", bytes(900_000))) for number in range(40)]
    request = TestClient(app).build_request("POST", "/", files=files)
    body, kind = request.read(), request.headers["content-type"]
    tracemalloc.start()
    try:
        answer = TestClient(app).post("/", content=iter([body]), headers={"content-type": kind})
    finally:
        tracemalloc.stop()
    assert answer.json() == 40
    assert held[0] < len(body) / 4
