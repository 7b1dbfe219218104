"""What is handed out to be edited in another program: picture, mask and colour blocks.

What comes back is matched by its name, so names are made of the specimen's key and the endings
that are recognised when masks are handed in.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.blobs import Blobs
from app.db import Database
from app.domain.labelling import LabelVersion
from app.domain.specimens import Crop, CropMap, MapKind, Specimen
from app.services import browsing
from app.services.browsing import EVERYTHING, Selection
from app.services.exports import Sink, place
from app.services.labelling import current_crop
from ml.imaging.blocks import block_colours
from ml.imaging.fills import BLUE, fill_background
from ml.imaging.frame import Placement, carried
from ml.imaging.masks import decode_map, decode_mask, encode_mask
from ml.imaging.read import encode_png, read_png
from ml.progress import OnProgress, Progress, silent

CHUNK = 50
README = "README.txt"
HOW_TO = (
    "Mothmask: files to be edited in another program",
    "",
    "Each specimen has up to four pictures, all of the same size:",
    "",
    "NAME_cropped.png: the photograph, cut to the specimen.",
    "NAME_mask_rgbfill.png: the same, with everything but the specimen filled with pure blue.",
    "NAME_mask.png: the mask, white where the specimen is and black elsewhere.",
    "NAME_rgb.png: blocks of similar colour.",
    "",
    "Edit one of them, whichever is easiest in your program:",
    "",
    "NAME_mask.png: paint the specimen white and everything else black.",
    "NAME_mask_rgbfill.png: paint background pure blue (red 0, green 0, blue 255). To bring back a "
    "part of the specimen, copy it from NAME_cropped.png, which lies exactly on top.",
    "NAME_rgb.png: fill every block of the background with pure black. What is not black becomes "
    "the specimen.",
    "NAME_cropped.png: remove the background, so that it is transparent.",
    "",
    "Please keep the size, do not rotate or cut, switch the smoothing of edges off where you can, "
    "and save as PNG, not as JPEG.",
    "Keep the beginning of the name: by it the mask finds its specimen again. Endings such as "
    "_mask or _rgb say what kind of picture it is.",
    "",
    "Hand back only the files that you edited: one on the page of its specimen, with “Upload a "
    "mask”, or many at once on the page “Masks from files”. You see many at once before they are "
    "saved, and nothing is ever overwritten.",
)


@dataclass(frozen=True)
class Handout:
    """One specimen with the best mask that there is, if there is any."""

    specimen: Specimen
    crop: Crop
    mask_digest: str | None
    mask_placement: Placement
    """Where the crop lies that the mask was made for."""
    blocks_digest: str | None


def readme(translate: Callable[[str], str] = str) -> str:
    """How to edit what is handed out, and how to hand it back."""
    return "".join(f"{translate(line) if line else ''}\r\n" for line in HOW_TO)


def find(session: Session, specimen_id: int) -> Handout:
    current_crop(session, specimen_id)  # or it is refused
    return _load(session, [specimen_id])[0]


def write_one(blobs: Blobs, sink: Sink, handout: Handout, how_to: str) -> None:
    sink.write(README, how_to.encode("utf-8-sig"))
    _write(blobs, sink, handout, set())


def hand_out(
    database: Database,
    blobs: Blobs,
    sink: Sink,
    *,
    selection: Selection = EVERYTHING,
    how_to: str = "",
    on_progress: OnProgress = silent,
) -> int:
    """Write every specimen of the selection that has a crop; returns how many there were."""
    sink.write(README, (how_to or readme()).encode("utf-8-sig"))
    with database.reading() as session:
        total = session.scalar(selection.narrow(session, select(func.count(Specimen.crop_id)))) or 0
    done, taken = 0, set[str]()
    for handout in _all(database, selection):
        on_progress(Progress("export", done, max(total, done)))
        _write(blobs, sink, handout, taken)
        done += 1
    on_progress(Progress("export", done, done))
    return done


def _all(database: Database, selection: Selection) -> Iterator[Handout]:
    """By number, a chunk per session, so that none stays open for long."""
    cropped = select(Specimen.id).where(Specimen.crop_id.is_not(None))
    after = 0
    while True:
        with database.reading() as session:
            query = selection.narrow(session, cropped.where(Specimen.id > after))
            ids = session.scalars(query.order_by(Specimen.id).limit(CHUNK)).all()
            found = _load(session, ids)
        if not ids:
            return
        yield from found
        after = ids[-1]


def _load(session: Session, ids: Sequence[int]) -> list[Handout]:
    query = (
        select(Specimen, Crop, LabelVersion, browsing.best_mask().scalar_subquery())
        .join(Crop, Crop.id == Specimen.crop_id)
        .outerjoin(LabelVersion, LabelVersion.id == Specimen.version_id)
        .options(joinedload(Specimen.source), joinedload(LabelVersion.crop))
        .where(Specimen.id.in_(ids))
        .order_by(Specimen.id)
    )
    rows = session.execute(query).all()
    blocks = _blocks(session, [crop.id for _, crop, _, _ in rows])
    return [
        Handout(
            specimen=specimen,
            crop=crop,
            mask_digest=version.digest if version is not None else best,
            mask_placement=(version.crop if version is not None else crop).placement,
            blocks_digest=blocks.get(crop.id),
        )
        for specimen, crop, version, best in rows
    ]


def _blocks(session: Session, crop_ids: Sequence[int]) -> dict[int, str]:
    """One map of colour blocks for each crop: the first by name, so that it is always the same."""
    query = select(CropMap.crop_id, CropMap.digest).where(
        CropMap.crop_id.in_(crop_ids), CropMap.kind == MapKind.BLOCKS
    )
    by_method = session.execute(query.order_by(CropMap.method.desc())).all()
    return dict(by_method)  # of several the one that is read last stays


def _write(blobs: Blobs, sink: Sink, handout: Handout, taken: set[str]) -> None:
    folder, name = place(handout.specimen, taken)
    for ending, data in _pictures(blobs, handout):
        sink.write(f"{folder}/{name}{ending}.png", data)


def _pictures(blobs: Blobs, handout: Handout) -> Iterator[tuple[str, bytes]]:
    """Ending of the name, and PNG, of each picture that there is."""
    crop, shape = blobs.read(handout.crop.digest), handout.crop.shape
    yield "_cropped", crop
    if handout.mask_digest is not None:
        drawn = decode_mask(blobs.read(handout.mask_digest))
        mask = carried(drawn, handout.mask_placement, handout.crop.placement)
        yield "_mask_rgbfill", encode_png(fill_background(read_png(crop), mask, BLUE))
        yield "_mask", encode_mask(mask)
    if handout.blocks_digest is not None:
        labels = decode_map(blobs.read(handout.blocks_digest))
        yield "_rgb", encode_png(block_colours(labels, shape))
