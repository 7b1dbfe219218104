"""Two people who correct the same file: neither undoes what the other said without seeing it."""

from typing import BinaryIO

import pytest

from app.blobs import FolderBlobs
from app.domain.mask_imports import MaskKind
from app.domain.people import Person
from app.errors import Conflict
from app.services import mask_corrections
from app.services.mask_corrections import Correction
from app.settings import Settings
from tests.conftest import Drain
from tests.service.masks import flow
from worker.context import Context


def test_a_correction_from_what_was_seen_before_another_is_refused(
    context: Context, drain: Drain, person: Person, settings: Settings
) -> None:
    flow.specimens(context, "moth")
    import_id = flow.read(context, drain, person, {"moth.png": flow.blue_file()})
    file_id = flow.found(context, import_id)["moth.png"].id

    def correct(blobs: FolderBlobs, wanted: Correction) -> None:
        mask_corrections.correct(context.db, blobs, import_id, file_id, wanted)

    class CorrectedWhileReading(FolderBlobs):
        def open(self, digest: str) -> BinaryIO:
            correct(FolderBlobs(settings.blob_folder), Correction(kind=MaskKind.BLOCKS))
            return super().open(digest)

    with pytest.raises(Conflict, match="corrected by somebody else"):
        correct(CorrectedWhileReading(settings.blob_folder), Correction(inverted=True))
    file = flow.found(context, import_id)["moth.png"]
    assert (file.kind, file.inverted) == (MaskKind.BLOCKS, False)
