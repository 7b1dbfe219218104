"""Whatever the API is asked, the server does not break; `benchmarks.api_fuzzing` asks longer."""

from collections import Counter

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Role, SignIn
from app.main import create_app
from app.settings import Settings
from benchmarks.api_fuzzing import ORIGIN, furnish, fuzz, sign_in


@pytest.mark.timeout(900)
def test_no_request_breaks_the_server(settings: Settings, db: Database, blobs: FolderBlobs) -> None:
    furnish(db, blobs, Role.CURATOR)
    app = create_app(settings.model_copy(update={"sign_in": SignIn.PASSWORD}), db, blobs)
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client:
        sign_in(client)
        found = dict(fuzz(app, client, examples=1, seed_=20261121))
    assert len(found) > 100
    assert [told for each in found.values() for told in each.broken] == []
    answered = sum((each.statuses for each in found.values()), start=Counter[int]())
    assert answered[200] > 30, "not everything was refused at once"
