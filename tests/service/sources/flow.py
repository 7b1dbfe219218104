"""Sources, specimens with names of the lab's kind, and tables."""

import io

from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import now
from app.domain.photographs import Photograph, PhotographKind
from app.domain.specimens import Specimen
from app.services.csv_tables import CsvTable
from tests import factories


def table(text: str, encoding: str = "utf-8", name: str = "table.csv") -> CsvTable:
    return CsvTable(io.BytesIO(text.encode(encoding)), name)


def specimen(session: Session, blobs: Blobs, key: str, source: str = "SJTT") -> Specimen:
    """A specimen whose photograph has the same name, as an import makes it."""
    made = factories.make_specimen(session, blobs, key, source_code=source)
    session.get_one(Photograph, made.photograph_id).key = key
    session.flush()
    return made


def label(session: Session, name: str, source: str = "SJTT") -> Photograph:
    """The photograph of a label."""
    photograph = Photograph(
        source_id=factories.make_source(session, source).id,
        key=name.rsplit(".", 1)[0],
        file_name=name,
        digest=f"{name:0>64}",
        media_type="image/jpeg",
        width=10,
        height=10,
        notes=[],
        kind=PhotographKind.LABEL,
        created_at=now(session),
    )
    session.add(photograph)
    session.flush()
    return photograph
