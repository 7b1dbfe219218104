"""Labels as files: masks, pictures without background, and pairs for other training programs.

The files lie in one folder per source, because a key is unique only within its source. A manifest
says for each specimen which label version was exported and who made it.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.blobs import Blobs, told_when_full
from app.db import Database
from app.decoding.photographs import open_photograph
from app.domain.labelling import LabelVersion
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Specimen, SpecimenState
from app.domain.taxa import Taxon
from app.services import taxa
from app.services.browsing import EVERYTHING, Selection
from app.services.csv_rows import csv_text
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.fills import BLACK, BLUE, cutout, fill_background
from ml.imaging.frame import into_photograph
from ml.imaging.letterbox import Letterbox, band_colour
from ml.imaging.masks import decode_mask, encode_mask
from ml.imaging.read import encode_png, read_png
from ml.progress import OnProgress, Progress, silent

CHUNK = 100
PAIR_SIDE = 256
LONGEST_NAME = 200
"""Bytes; file systems take 255, with the ending."""


class ExportKind(StrEnum):
    MASKS = "masks"
    BLUE = "blue"
    BLACK = "black"
    CUTOUT = "cutout"
    PAIRS256 = "pairs256"
    ALL = "all"
    EDITING = "editing"
    """Written by `app.services.handouts`."""


class Frame(StrEnum):
    CROP = "crop"
    PHOTOGRAPH = "photograph"


class Sink(Protocol):
    """Where exported files go; `name` has forward slashes."""

    def write(self, name: str, data: bytes) -> None: ...


OnExported = Callable[[int, str], None]
"""Told of each mask that was written: its label version, and the digest of its PNG."""


class FolderSink:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, data: bytes) -> None:
        target = self.folder / name
        with told_when_full():
            target.parent.mkdir(parents=True, exist_ok=True)
            unfinished = target.with_name(f"{target.name}.part")
            unfinished.write_bytes(data)
            unfinished.replace(target)


class ZipSink:
    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive

    def write(self, name: str, data: bytes) -> None:
        self.archive.writestr(name, data, compress_type=ZIP_STORED)  # PNG is compressed already


@dataclass(frozen=True)
class Labelled:
    """The pixels of a label, in the frame that was asked for."""

    pixels: Pixels
    mask: Mask
    padding: str
    """What fills the bands of a square; see `Source`."""


def export(
    database: Database,
    blobs: Blobs,
    sink: Sink,
    *,
    kind: ExportKind,
    frame: Frame,
    selection: Selection = EVERYTHING,
    on_exported: OnExported = lambda _version_id, _digest: None,
    on_progress: OnProgress = silent,
) -> int:
    """Write every label that counts now, one specimen at a time; returns how many there were.

    What is labelled or taken back while the export runs makes no difference to it.
    """
    manifest, taken = io.StringIO(), set[str]()
    manifest.write(csv_text([MANIFEST_HEAD]))
    with database.reading() as session:
        version_ids = session.scalars(selection.narrow(session, _labels_that_count())).all()
    for done, each in enumerate(_versions(database, version_ids)):
        on_progress(Progress("export", done, len(version_ids)))
        version, masks = each.version, set[str]()
        folder, name = place(version.specimen, taken)
        for kind_folder, data in _pictures(_load(blobs, version, frame), kind):
            sink.write(f"{folder}/{kind_folder}/{name}.png", data)
            if kind_folder.endswith("masks"):
                masks.add(hashlib.sha256(data).hexdigest())
        for digest in masks or {version.digest}:
            on_exported(version.id, digest)
        manifest.write(csv_text([_manifest_row(each, f"{name}.png")]))
    on_progress(Progress("export", len(version_ids), len(version_ids)))
    # With the mark, spreadsheet programs read Chinese names as UTF-8.
    sink.write("manifest.csv", manifest.getvalue().encode("utf-8-sig"))
    return len(version_ids)


def file_name(key: str) -> str:
    """A key as a file name on any system; different keys stay different."""
    name = re.sub(r'[%/\\:*?"<>|\x00-\x1f\x7f]|^\.|[. ]$', lambda sign: f"%{ord(sign[0]):02X}", key)
    if len(name.encode()) <= LONGEST_NAME:
        return name
    begin = name.encode()[:LONGEST_NAME].decode(errors="ignore")
    return f"{begin}%~{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def place(specimen: Specimen, taken: set[str]) -> tuple[str, str]:
    """Folder and name of a specimen's files; on some systems names that differ in case are one."""
    folder, name = file_name(specimen.source.code), file_name(specimen.key)
    place = f"{folder}/{name}".casefold()
    if place in taken:
        name = f"{name}%~{specimen.id}"
    taken.add(place)
    return folder, name


MANIFEST_HEAD = (
    "source",
    "specimen",
    "taxon",
    "family",
    "name",
    "file",
    "photograph",
    "version",
    "author",
    "origin",
    "created_at",
    "mask_sha256",
    "left",
    "top",
    "right",
    "bottom",
    "angle",
    "version_id",
    "candidate_id",
    "model_id",
    "round",
)


@dataclass(frozen=True)
class _Exported:
    """A label version, and what the manifest says beyond it."""

    version: LabelVersion
    taxon: Taxon
    round: int | None
    """That made the model of its mask."""


def _manifest_row(each: _Exported, name: str) -> Sequence[object]:
    version, taxon = each.version, each.taxon
    specimen, box = version.specimen, version.crop.box
    return (
        specimen.source.code,
        specimen.key,
        taxon.code,
        taxon.family,
        taxon.name,
        name,
        specimen.photograph.file_name,
        version.number,
        version.person.name,
        version.origin,
        version.created_at.isoformat(),
        version.digest,
        box.left,
        box.top,
        box.right,
        box.bottom,
        version.crop.angle,
        version.id,
        version.candidate_id,
        version.model_id,
        each.round,
    )


def _labels_that_count() -> Select[int]:
    labelled = select(LabelVersion.id).join(Specimen, Specimen.version_id == LabelVersion.id)
    return labelled.where(Specimen.state == SpecimenState.LABELLED).order_by(LabelVersion.id)


def _versions(database: Database, version_ids: Sequence[int]) -> Iterator[_Exported]:
    """A chunk per session, so that none stays open for long."""
    for first in range(0, len(version_ids), CHUNK):
        yield from _chunk(database, version_ids[first : first + CHUNK])


def _chunk(database: Database, version_ids: Sequence[int]) -> Sequence[_Exported]:
    query = (
        select(LabelVersion)
        .where(LabelVersion.id.in_(version_ids))
        .order_by(LabelVersion.id)
        .options(
            joinedload(LabelVersion.person),
            joinedload(LabelVersion.crop),
            joinedload(LabelVersion.specimen).options(
                joinedload(Specimen.source), joinedload(Specimen.photograph)
            ),
        )
    )
    with database.reading() as session:
        versions = session.scalars(query).all()
        known = taxa.of_codes(session, {version.specimen.taxon for version in versions})
        made_in = _rounds(session, {version.model_id for version in versions})
        return [
            _Exported(version, known[version.specimen.taxon], made_in.get(version.model_id))
            for version in versions
        ]


def _rounds(session: Session, model_ids: set[int | None]) -> dict[int | None, int]:
    """Numbers of the rounds that made these models."""
    made = select(TrainedModel.id, Round.number).join(Round, Round.id == TrainedModel.round_id)
    return dict(session.execute(made.where(TrainedModel.id.in_(model_ids))).all())


def _load(blobs: Blobs, version: LabelVersion, frame: Frame) -> Labelled:
    mask = decode_mask(blobs.read(version.digest))
    padding = version.specimen.source.padding
    if frame is Frame.CROP:
        return Labelled(read_png(blobs.read(version.crop.digest)), mask, padding)
    stored = version.specimen.photograph
    most = stored.width * stored.height
    with blobs.open(stored.digest) as file, open_photograph(file, most) as photograph:
        pixels = photograph.whole()
    whole = into_photograph(mask, version.crop.placement, *pixels.shape[:2])
    return Labelled(pixels, whole, padding)


def _pictures(labelled: Labelled, kind: ExportKind) -> Iterator[tuple[str, bytes]]:
    """Folder and PNG of each picture of the kind."""
    pixels, mask = labelled.pixels, labelled.mask
    everything = kind is ExportKind.ALL
    if everything or kind is ExportKind.MASKS:
        yield "masks", encode_mask(mask)
    if everything or kind is ExportKind.BLUE:
        yield "blue", encode_png(fill_background(pixels, mask, BLUE))
    if everything or kind is ExportKind.BLACK:
        yield "black", encode_png(fill_background(pixels, mask, BLACK))
    if everything or kind is ExportKind.CUTOUT:
        yield "cutout", encode_png(cutout(pixels, mask))
    if everything or kind is ExportKind.PAIRS256:
        height, width = mask.shape
        square = Letterbox(height, width, PAIR_SIDE)
        yield (
            "pairs256/imgs",
            encode_png(square.pixels(pixels, band_colour(labelled.padding, pixels))),
        )
        yield "pairs256/masks", encode_mask(square.mask(mask))
