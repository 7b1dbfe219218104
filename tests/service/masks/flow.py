"""Imports of masks as a test starts them, and what became of each file."""

from collections.abc import Mapping

import numpy as np
from sqlalchemy import select

from app.domain.jobs import PartKind
from app.domain.mask_imports import MaskFile, MaskKind
from app.domain.people import Person
from app.services import mask_imports
from app.services.folders import Incoming
from ml.imaging.arrays import Mask
from tests import factories
from tests.conftest import Drain
from tests.unit.imaging.pictures import png
from worker.context import Context
from worker.jobs import read_masks

HANDLERS = {PartKind.READ_MASKS: read_masks.run}


def mask(grown: int = 0) -> Mask:
    return factories.moth_mask(grown)


def mask_file(grown: int = 0) -> bytes:
    return png(mask(grown))


def blue_file(grown: int = 0) -> bytes:
    pixels = np.where(mask(grown)[..., None] > 0, factories.moth_pixels(1), (0, 0, 255))
    return png(pixels.astype(np.uint8))


def specimens(context: Context, *keys: str, source: str = "TEST") -> list[int]:
    with context.db.transaction() as session:
        return [
            factories.make_specimen(session, context.blobs, key, source_code=source).id
            for key in keys
        ]


def stage(
    context: Context, person: Person, files: Mapping[str, bytes], kind: MaskKind | None = None
) -> int:
    incoming = [Incoming(name, (data,)) for name, data in files.items()]
    return mask_imports.start(context.db, context.blobs, incoming, person.id, kind)


def read(
    context: Context,
    drain: Drain,
    person: Person,
    files: Mapping[str, bytes],
    kind: MaskKind | None = None,
) -> int:
    import_id = stage(context, person, files, kind)
    drain(context, HANDLERS)
    return import_id


def found(context: Context, import_id: int) -> dict[str, MaskFile]:
    with context.db.reading() as session:
        mine = select(MaskFile).where(MaskFile.import_id == import_id)
        rows = session.scalars(mine.order_by(MaskFile.id))
        return {row.name: row for row in rows}


def outcomes(context: Context, import_id: int) -> dict[str, str]:
    return {name: file.outcome.value for name, file in found(context, import_id).items()}


def sentence(file: MaskFile) -> str:
    return str(file.reason["template"]).format(**file.reason["values"]) if file.reason else ""
