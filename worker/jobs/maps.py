"""Make the maps from which a person picks regions, for a crop that lacks some."""

from app.domain.specimens import MapKind
from app.services import maps
from app.services.jobs import ClaimedPart
from ml.imaging.masks import encode_map
from ml.imaging.read import read_png
from ml.progress import OnProgress, Progress
from ml.propose.maps import crop_maps
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    specimen_id: int = part.payload["specimen"]
    on_progress(Progress("maps", 0, 1))
    with context.db.reading() as session:
        wanted = maps.mappable(session, specimen_id)
    if wanted is None or not wanted.missing:
        return
    made = crop_maps(read_png(context.blobs.read(wanted.digest)))
    regions = {MapKind.SUPERPIXELS: made.superpixels, MapKind.BLOCKS: made.blocks}
    digests = {kind: context.blobs.put(encode_map(regions[kind])) for kind in wanted.missing}
    with storing(context, part) as session:
        maps.store(session, specimen_id, wanted.crop_id, digests)
