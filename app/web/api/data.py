"""Every table of figures as CSV and JSON."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.services import data_tables
from app.web.access import DatabaseDep, Viewer

router = APIRouter(prefix="/data", tags=["data"])


@router.get("/{code}.csv")
def as_csv(database: DatabaseDep, _person: Viewer, code: str) -> StreamingResponse:
    pieces = data_tables.csv_pieces(database, data_tables.table(code))
    name = {"Content-Disposition": f'attachment; filename="mothmask-{code}.csv"'}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=name)


@router.get("/{code}.json")
def as_json(database: DatabaseDep, _person: Viewer, code: str) -> StreamingResponse:
    pieces = data_tables.json_pieces(database, data_tables.table(code))
    return StreamingResponse(pieces, media_type="application/json")
