"""Find the specimen on a photograph and cut it out."""

from functools import lru_cache
from pathlib import Path

from app.blobs import Blobs
from app.errors import Refused
from app.services import cropping
from app.services.cropping import NewCrop, Search
from app.services.jobs import ClaimedPart
from ml.detect.detector import Detector, find_specimen
from ml.detect.fallback import FallbackDetector
from ml.detect.yolo import YoloDetector
from ml.imaging.arrays import Pixels
from ml.imaging.read import encode_png, fit_within, read_photograph
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    specimen_id = part.payload["specimen"]
    on_progress(Progress("cropping", 0, 1))
    with context.db.reading() as session:
        search = cropping.search_for(session, specimen_id)
    if search is None:
        return
    max_pixels = context.settings.photograph_megapixels * 1_000_000
    pixels = read_photograph(context.blobs.read(search.digest), max_pixels=max_pixels).pixels
    found = _find(context.blobs, detector_named(context.settings.detector), pixels, search)
    with storing(context, part) as session:
        cropping.store_first(session, part.job_id, specimen_id, found)


@lru_cache(maxsize=1)
def detector_named(setting: str) -> Detector:
    """Return the detector of the settings; opening a network takes long, so it is kept.

    Raises:
        NotADetector: the file is no YOLO network.
        Refused: there is no such file.
    """
    if setting == "fallback":
        return FallbackDetector()
    if not Path(setting).is_file():
        raise Refused("There is no detector {file}; correct MOTHMASK_DETECTOR.", file=setting)
    return YoloDetector(Path(setting))


def _find(blobs: Blobs, detector: Detector, pixels: Pixels, search: Search) -> NewCrop | None:
    found = find_specimen(detector, pixels, half_split=search.half_split)
    if found is None:
        return None
    height, width = pixels.shape[:2]
    grown = found.box.grown(search.scale_w, search.scale_ht, search.scale_hb)
    box = grown.clamped(width, height)
    cut = box.cut(pixels)
    return NewCrop(
        box=box,
        found=found.box,
        confidence=found.confidence,
        origin=detector.name,
        digest=blobs.put(encode_png(cut)),
        preview_digest=blobs.put(encode_png(fit_within(cut, cropping.PREVIEW_SIDE))),
    )
