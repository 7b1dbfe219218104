"""What programs can ask for, read from the OpenAPI schema."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from app.web.access import Viewer
from app.web.rendering import render

router = APIRouter(prefix="/api/v1")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str


@dataclass(frozen=True)
class ApiPage:
    schema_url: str
    operations: list[Operation]


@router.get("/openapi.json")
def schema(request: Request, _person: Viewer) -> JSONResponse:
    return JSONResponse(request.app.openapi())


@router.get("/docs")
def api_page(request: Request, person: Viewer) -> HTMLResponse:
    paths = request.app.openapi()["paths"]
    operations = [
        Operation(method.upper(), path, operation["summary"])
        for path, by_method in paths.items()
        for method, operation in by_method.items()
    ]
    page = ApiPage(f"{router.prefix}/openapi.json", operations)
    return render(request, "api.html", page, person=person)
