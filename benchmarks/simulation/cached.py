"""Proposals that were made once and are kept in a file, for benchmarks that begin many times."""

import json
import zipfile
from pathlib import Path

from app.domain.specimens import Specimen
from app.services import proposing
from app.services.jobs import ClaimedPart
from app.services.proposing import ProposedMask
from benchmarks.simulation.collection import Collection
from ml.imaging.masks import encode_mask
from ml.imaging.read import read_photograph
from ml.progress import OnProgress
from ml.propose.proposals import cheap_proposals
from worker.context import Context

INDEX = "proposals.json"
SECONDS = 3.0
"""Of a processor for each photograph; enough for all that the quick methods want to try."""


def make(path: Path, collection: Collection) -> None:
    """Propose masks of whole photographs; a file that is there already is left as it is."""
    if path.exists():
        return
    unfinished = path.with_suffix(".part")
    index: dict[str, list[dict[str, object]]] = {}
    with zipfile.ZipFile(unfinished, "w") as archive:
        for done, name in enumerate(collection.names):
            pixels = read_photograph(collection.photographs[name].read_bytes()).pixels
            found = cheap_proposals(pixels, seconds=SECONDS)
            index[name] = [
                {"method": each.method, "score": each.score, "agreeing": list(each.agreeing)}
                for each in found
            ]
            for place, each in enumerate(found):
                archive.writestr(f"{name}/{place}.png", encode_mask(each.mask))
            if done % 50 == 0:
                print(f"proposals: {done} of {len(collection.names)}", flush=True)
        archive.writestr(INDEX, json.dumps(index))
    unfinished.replace(path)


class CachedProposals:
    """Stores them as the part that makes proposals would; the photograph is the crop."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with zipfile.ZipFile(path) as archive:
            self.index = json.loads(archive.read(INDEX))

    def __call__(self, context: Context, part: ClaimedPart, _on_progress: OnProgress) -> None:
        with context.db.reading() as session:
            specimen = session.get_one(Specimen, part.payload["specimen"])
            assert specimen.crop_id is not None
            known, crop_id = self.index[specimen.key], specimen.crop_id
        with zipfile.ZipFile(self.path) as archive:
            proposed = [
                ProposedMask(
                    each["method"],
                    context.blobs.put(archive.read(f"{specimen.key}/{place}.png")),
                    each["score"],
                    tuple(each["agreeing"]),
                )
                for place, each in enumerate(known)
            ]
        with context.db.transaction() as session:
            proposing.store_first(
                session, part.job_id, specimen.id, crop_id, proposed, refine=False
            )
