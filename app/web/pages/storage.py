"""What is stored, how fast it grows, and when the disk will be full: for who runs the place."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.services import disk_forecast
from app.services.disk_forecast import Forecast
from app.web.access import BlobsDep, DatabaseDep, Lead, Reading
from app.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class StoragePage:
    place: str
    forecast: Forecast


@router.get("/storage")
def storage(
    request: Request, person: Lead, session: Reading, database: DatabaseDep, blobs: BlobsDep
) -> HTMLResponse:
    found = disk_forecast.forecast(session, blobs, database.clock())
    return render(request, "storage/page.html", StoragePage(str(blobs), found), person=person)
