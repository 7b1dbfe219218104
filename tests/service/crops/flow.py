"""Boxes that are placed by hand, as tests need them."""

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import LabelVersion
from app.domain.specimens import Crop, Specimen
from ml.imaging.arrays import Mask
from ml.imaging.boxes import Box
from ml.imaging.frame import into_photograph
from ml.imaging.masks import decode_mask
from tests import factories

TIGHT = Box(6, 4, 60, 46)
"""Holds all of the drawn moth, and is not the whole photograph."""


def specimen(db: Database, specimen_id: int = 1) -> Specimen:
    with db.reading() as session:
        return session.get_one(Specimen, specimen_id)


def crop(db: Database, crop_id: int | None) -> Crop:
    with db.reading() as session:
        return session.get_one(Crop, crop_id)


def label(db: Database, specimen_id: int = 1) -> LabelVersion:
    """The one that counts."""
    with db.reading() as session:
        found = session.get_one(LabelVersion, session.get_one(Specimen, specimen_id).version_id)
        session.refresh(found, ["crop", "person"])
        return found


def on_photograph(db: Database, blobs: FolderBlobs, specimen_id: int = 1) -> Mask:
    """The label that counts, as a mask of the whole photograph."""
    version = label(db, specimen_id)
    mask = decode_mask(blobs.read(version.digest))
    return into_photograph(mask, version.crop.placement, factories.HEIGHT, factories.WIDTH)
