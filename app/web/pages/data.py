"""All figures as files, and what their columns are."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.services import data_tables
from app.services.data_tables import Table
from app.web.access import Viewer
from app.web.rendering import render

router = APIRouter(prefix="/data")


@dataclass(frozen=True)
class DataPage:
    tables: tuple[Table, ...]
    meanings: dict[str, str]


@router.get("")
def data_page(request: Request, person: Viewer) -> HTMLResponse:
    page = DataPage(data_tables.TABLES, data_tables.MEANINGS)
    return render(request, "data/page.html", page, person=person)
