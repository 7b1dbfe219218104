"""One drawn specimen whose crop is as large as they come."""

from app.blobs import Blobs
from app.db import Database
from app.services import sources
from app.services.boxes import PREVIEW_SIDE
from benchmarks.reviewing.collection import GROWTH, SOURCE, Look, add, grown
from ml.imaging.boxes import Box
from ml.imaging.drawn import draw_specimen
from ml.imaging.masks import encode_mask
from ml.imaging.read import encode_png, fit_within


def fill(database: Database, blobs: Blobs, *, width: int, height: int) -> None:
    """Specimen 1, whose crop is the whole photograph."""
    drawn = draw_specimen(3, width=width, height=height)
    look = Look(
        box=Box(0, 0, width, height),
        crop=blobs.put(encode_png(drawn.pixels)),
        preview=blobs.put(encode_png(fit_within(drawn.pixels, PREVIEW_SIDE))),
        masks=tuple(blobs.put(encode_mask(grown(drawn.mask, by))) for by in GROWTH.values()),
    )
    with database.transaction() as session:
        add(session, sources.get_or_make(session, SOURCE), range(1, 2), [look])
