"""Wing-colour strata: colours chunk by chunk, then strata of a sample that all specimens join."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.services import strata
from app.services.jobs import ClaimedPart
from app.services.strata import MadeStratum, Wings
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.masks import decode_mask
from ml.imaging.read import encode_png, read_png
from ml.progress import OnProgress, Progress
from ml.strata.chunks import Chunk, draw_sample, pack, unpack
from ml.strata.config import StrataConfig
from ml.strata.grid import cell_count, wing_colours
from ml.strata.sheet import sheet, tile
from worker.context import Context
from worker.holding import storing

if TYPE_CHECKING:
    from ml.strata.clustering import Strata

CONFIG = StrataConfig()
SHOWN = 24
"""Specimens on a contact sheet."""


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    if "stratification" in part.payload:
        _join(context, part, on_progress)
    elif "specimens" in part.payload:
        _collect(context, part, on_progress)
    else:
        _make(context, part, on_progress)


def _collect(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    digest = context.blobs.put(pack(*_seen(context, part.payload["specimens"], on_progress)))
    with storing(context, part) as session:
        strata.store_colours(session, part.job_id, part.payload["chunk"], digest)


def _join(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    from ml.strata.clustering import Strata  # scikit-learn takes a second to load

    stratification_id: int = part.payload["stratification"]
    with context.db.reading() as session:
        made = strata.newest(session)
    if made is None or made.id != stratification_id:
        return
    known = Strata.from_bytes(context.blobs.read(made.findings["strata"]))
    ids, colours = _seen(context, part.payload["specimens"], on_progress)
    joined = {number: stratum for number, stratum in _pairs(ids, known.assign(colours)) if stratum}
    with storing(context, part) as session:
        strata.store_joined(session, stratification_id, joined)


def _make(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    from ml.strata.clustering import fit_strata  # scikit-learn takes a second to load
    from ml.strata.stability import stability

    with context.db.reading() as session:
        if strata.is_made(session, part.job_id):
            return
        digests = strata.colours(session, part.job_id)
    on_progress(Progress("sample", 0, 1))
    sample = draw_sample(_chunks(context, digests), CONFIG)
    on_progress(Progress("strata", 0, 1))
    made, trials = fit_strata(sample, CONFIG)
    firm = stability(sample, made, CONFIG, on_progress)
    members, sources = _assigned(context, made, digests)
    findings = {
        "trials": [asdict(trial) for trial in trials],
        "agreement": firm.agreement,
        "association_with_source": sources,
        "sampled": len(sample),
        "strata": context.blobs.put(made.to_bytes()),
    }
    stable = dict(enumerate(firm.strata, 1))
    shown = list(_sheets(context, members, stable, on_progress))
    numbers = {each: stratum for stratum, ids in members.items() for each in ids}
    with storing(context, part) as session:
        strata.store(
            session,
            part.job_id,
            config=asdict(CONFIG),
            findings=findings,
            strata=shown,
            numbers=numbers,
        )


def _assigned(
    context: Context, made: "Strata", digests: Sequence[str]
) -> tuple[dict[int, list[int]], float | None]:
    """The members of each stratum, and how far strata mirror the sources."""
    from ml.strata.confounding import association_with_source

    members: dict[int, list[int]] = defaultdict(list)
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for ids, colours in _chunks(context, digests):
        with context.db.reading() as session:
            sources = strata.source_ids(session, ids.tolist())
        for (number, stratum), source in zip(
            _pairs(ids, made.assign(colours)), sources, strict=True
        ):
            if stratum:
                members[stratum].append(number)
                counts[stratum, source] += 1
    return dict(sorted(members.items())), association_with_source(_table(counts))


def _table(
    counts: Mapping[tuple[int, int], int],
) -> NDArray[np.int64]:
    rows, columns = (sorted({pair[axis] for pair in counts}) for axis in (0, 1))
    return np.array([[counts.get((row, column), 0) for column in columns] for row in rows])


def _sheets(
    context: Context,
    members: Mapping[int, Sequence[int]],
    stable: Mapping[int, float],
    on_progress: OnProgress,
) -> Iterator[MadeStratum]:
    """Some of each stratum at random, so that the sheet shows what it is like, not its best."""
    rng = np.random.default_rng(CONFIG.seed)
    for done, (stratum, ids) in enumerate(members.items()):
        on_progress(Progress("sheets", done, len(members)))
        chosen = rng.choice(ids, min(SHOWN, len(ids)), replace=False).tolist()
        with context.db.reading() as session:
            found = strata.wings(session, chosen)
        tiles = [tile(*_pictures(context, each)) for each in found]
        yield MadeStratum(
            number=stratum,
            specimens=len(ids),
            findings={"jaccard": stable[stratum], "shown": [each.specimen_id for each in found]},
            sheet_digest=context.blobs.put(encode_png(sheet(tiles))) if tiles else None,
        )


def _seen(context: Context, specimen_ids: Sequence[int], on_progress: OnProgress) -> Chunk:
    """The colours of those specimens that are still usable."""
    with context.db.reading() as session:
        found = strata.wings(session, specimen_ids)
    colours = np.empty((len(found), cell_count(CONFIG), 3), np.uint8)
    for index, each in enumerate(found):
        on_progress(Progress("colours", index, len(found)))
        colours[index] = wing_colours(*_pictures(context, each), CONFIG)
    return np.array([each.specimen_id for each in found], np.int64), colours


def _pictures(context: Context, wings: Wings) -> tuple[Pixels, Mask | None]:
    pixels = read_png(context.blobs.read(wings.preview_digest))
    if wings.mask_digest is None:
        return pixels, None
    return pixels, decode_mask(context.blobs.read(wings.mask_digest))


def _chunks(context: Context, digests: Sequence[str]) -> Iterator[Chunk]:
    return (unpack(context.blobs.read(digest)) for digest in digests)


def _pairs(
    ids: NDArray[np.int64],
    numbers: NDArray[np.int64],
) -> Iterator[tuple[int, int]]:
    return zip(ids.tolist(), numbers.tolist(), strict=True)
