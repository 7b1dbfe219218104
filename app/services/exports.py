"""Labels as files: masks, pictures without background, and pairs for other training programs.

The files lie in one folder per source, because a key is unique only within its source. A manifest
says for each specimen which label version was exported and who made it.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.blobs import Blobs
from app.db import Database
from app.domain.labelling import LabelVersion
from app.domain.specimens import Specimen, SpecimenState
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.fills import BLACK, BLUE, cutout, fill_background
from ml.imaging.frame import into_photograph
from ml.imaging.letterbox import Letterbox
from ml.imaging.masks import decode_mask, encode_mask
from ml.imaging.read import encode_png, read_photograph, read_png
from ml.progress import OnProgress, Progress, silent

CHUNK = 100
PAIR_SIDE = 256


class ExportKind(StrEnum):
    MASKS = "masks"
    BLUE = "blue"
    BLACK = "black"
    CUTOUT = "cutout"
    PAIRS256 = "pairs256"
    ALL = "all"


class Frame(StrEnum):
    CROP = "crop"
    PHOTOGRAPH = "photograph"


class Sink(Protocol):
    """Where exported files go; `name` has forward slashes."""

    def write(self, name: str, data: bytes) -> None: ...


class FolderSink:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, data: bytes) -> None:
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.part")
        unfinished.write_bytes(data)
        unfinished.replace(target)


class ZipSink:
    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive

    def write(self, name: str, data: bytes) -> None:
        self.archive.writestr(name, data, compress_type=ZIP_STORED)  # PNG is compressed already


@dataclass(frozen=True)
class Labelled:
    """A labelled specimen with its pixels, in the frame that was asked for."""

    specimen: Specimen
    version: LabelVersion
    pixels: Pixels
    mask: Mask


def export(
    database: Database,
    blobs: Blobs,
    sink: Sink,
    *,
    kind: ExportKind,
    frame: Frame,
    on_progress: OnProgress = silent,
) -> int:
    """Write every label that counts now, one specimen at a time; returns how many there were."""
    manifest = io.StringIO()
    rows = csv.writer(manifest)
    rows.writerow(MANIFEST_HEAD)
    with database.reading() as session:
        total = session.scalar(select(func.count()).select_from(_labelled().subquery())) or 0
    done = 0
    for version in _versions(database):
        on_progress(Progress("export", done, total))
        labelled = _load(blobs, version, frame)
        for name, data in _files(labelled, kind):
            sink.write(f"{file_name(version.specimen.source.code)}/{name}", data)
        rows.writerow(_manifest_row(labelled))
        done += 1
    # With the mark, spreadsheet programs read Chinese names as UTF-8.
    sink.write("manifest.csv", manifest.getvalue().encode("utf-8-sig"))
    return done


def file_name(key: str) -> str:
    """A key as a file name on any system; different keys stay different."""
    return "".join(
        f"%{ord(sign):02X}" if sign in '%/\\:*?"<>|' or sign < " " else sign for sign in key
    ).replace(".", "%2E", 1 if key.startswith(".") else 0)


MANIFEST_HEAD = (
    "source",
    "specimen",
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
)


def _manifest_row(labelled: Labelled) -> Sequence[object]:
    version, specimen = labelled.version, labelled.specimen
    box = version.crop.box
    return (
        specimen.source.code,
        specimen.key,
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
    )


def _labelled() -> Select[LabelVersion]:
    return (
        select(LabelVersion)
        .join(Specimen, Specimen.version_id == LabelVersion.id)
        .where(Specimen.state == SpecimenState.LABELLED)
    )


def _versions(database: Database) -> Iterator[LabelVersion]:
    """In the order of their numbers, a chunk per session, so that none stays open for long."""
    after = 0
    while chunk := _chunk(database, after):
        yield from chunk
        after = chunk[-1].id


def _chunk(database: Database, after: int) -> Sequence[LabelVersion]:
    with database.reading() as session:
        query = _labelled().options(
            joinedload(LabelVersion.person),
            joinedload(LabelVersion.crop),
            joinedload(LabelVersion.specimen).options(
                joinedload(Specimen.source), joinedload(Specimen.photograph)
            ),
        )
        page = query.where(LabelVersion.id > after).order_by(LabelVersion.id).limit(CHUNK)
        return session.scalars(page).all()


def _load(blobs: Blobs, version: LabelVersion, frame: Frame) -> Labelled:
    mask = decode_mask(blobs.read(version.digest))
    if frame is Frame.CROP:
        return Labelled(version.specimen, version, read_png(blobs.read(version.crop.digest)), mask)
    photograph = read_photograph(blobs.read(version.specimen.photograph.digest)).pixels
    whole = into_photograph(mask, version.crop.box, *photograph.shape[:2])
    return Labelled(version.specimen, version, photograph, whole)


def _files(labelled: Labelled, kind: ExportKind) -> Iterator[tuple[str, bytes]]:
    name = f"{file_name(labelled.specimen.key)}.png"
    pixels, mask = labelled.pixels, labelled.mask
    everything = kind is ExportKind.ALL
    if everything or kind is ExportKind.MASKS:
        yield f"masks/{name}", encode_mask(mask)
    if everything or kind is ExportKind.BLUE:
        yield f"blue/{name}", encode_png(fill_background(pixels, mask, BLUE))
    if everything or kind is ExportKind.BLACK:
        yield f"black/{name}", encode_png(fill_background(pixels, mask, BLACK))
    if everything or kind is ExportKind.CUTOUT:
        yield f"cutout/{name}", encode_png(cutout(pixels, mask))
    if everything or kind is ExportKind.PAIRS256:
        height, width = mask.shape
        square = Letterbox(height, width, PAIR_SIDE)
        yield f"pairs256/imgs/{name}", encode_png(square.pixels(pixels))
        yield f"pairs256/masks/{name}", encode_mask(square.mask(mask))
