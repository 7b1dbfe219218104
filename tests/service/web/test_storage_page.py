"""The page about storage warns in time."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from app.services import disk_forecast
from app.services.disk_forecast import Disk, Forecast, Taken


def test_the_page_says_when_the_disk_is_full(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = [Taken(kind.code, 10, 5e9, 1e9) for kind in disk_forecast.KINDS]
    found = Forecast(kinds, 10**8, Disk(80 * 10**9, 10**12), timedelta(days=10))
    monkeypatch.setattr(disk_forecast, "forecast", lambda *_: found)
    page = client.get("/storage").text
    assert "it is full in about 10 days" in page
    assert "mothmask prune --dry-run" in page
    assert "80.0 GB of 1.0 TB are free" in page
    assert "40.1 GB" in page
