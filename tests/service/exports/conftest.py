from typing import Protocol

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.specimens import Specimen
from ml.imaging.boxes import Box
from ml.imaging.masks import encode_mask
from tests import factories

BOX = Box(6, 4, 60, 46)


class AddLabel(Protocol):
    def __call__(self, key: str = "moth-1", source: str = "TEST") -> Specimen: ...


@pytest.fixture
def add_label(db: Database, blobs: FolderBlobs, person: Person) -> AddLabel:
    """Makes a labelled specimen whose crop is a part of its photograph."""

    def add(key: str = "moth-1", source: str = "TEST") -> Specimen:
        with db.transaction() as session:
            specimen = factories.make_specimen(
                session, blobs, key, source_code=source, cropped=False
            )
            factories.make_crop(session, blobs, specimen, BOX)
            version = factories.make_version(session, blobs, specimen, person)
            version.digest = blobs.put(encode_mask(BOX.cut(factories.moth_mask())))
        return specimen

    return add
