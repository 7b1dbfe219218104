"""Names of taxa, from a table of codes."""

from fastapi import APIRouter

from app.services import taxa
from app.web.access import DatabaseDep, Lead, Reading, Viewer
from app.web.api.tables import TableReply, table_in, taxa_reply
from app.web.uploads import UploadForm, described

router = APIRouter(prefix="/taxa", tags=["sources"])


@router.get("")
def list_taxa(
    session: Reading, _person: Viewer, search: str = "", after: str = ""
) -> list[dict[str, str | int]]:
    """At most 200, in the order of their codes, that come behind `after`."""
    return [
        {
            "code": line.taxon.code,
            "family": line.taxon.family,
            "name": line.taxon.name,
            "specimens": line.specimens,
        }
        for line in taxa.lines(session, search, after)
    ]


@router.post("", openapi_extra=described())
def import_taxa(database: DatabaseDep, _person: Lead, form: UploadForm) -> TableReply:
    with table_in(form) as table:
        return taxa_reply(taxa.take(database, table))
