"""What an export writes: each kind in each frame to the pixel, names, and the manifest."""

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import LabelVersion
from app.domain.people import Person
from app.domain.photographs import Photograph
from app.domain.specimens import Crop, Specimen
from app.domain.taxa import Taxon
from app.services.exports import ExportKind, FolderSink, Frame, export, file_name
from ml.imaging.letterbox import Letterbox
from ml.progress import Progress
from tests import factories
from tests.service.exports.conftest import BOX, AddLabel

INSIDE = factories.moth_mask()
FRAMES = {Frame.CROP: BOX.cut(INSIDE), Frame.PHOTOGRAPH: INSIDE}


def export_to(
    db: Database, blobs: FolderBlobs, folder: Path, kind: str = "masks", frame: Frame = Frame.CROP
) -> int:
    return export(db, blobs, FolderSink(folder), kind=ExportKind(kind), frame=frame)


def picture(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as opened:
        return np.asarray(opened)


def original(
    db: Database, blobs: FolderBlobs, specimen: Specimen, frame: Frame
) -> NDArray[np.uint8]:
    with db.reading() as session:
        crop = session.get_one(Crop, specimen.crop_id)
        photograph = session.get_one(Photograph, specimen.photograph_id)
    return picture(blobs.path(crop.digest if frame is Frame.CROP else photograph.digest))


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("frame", Frame)
def test_masks_are_the_labels_to_the_pixel(
    db: Database, blobs: FolderBlobs, add_label: AddLabel, tmp_path: Path, frame: Frame
) -> None:
    add_label()
    assert export_to(db, blobs, tmp_path / "out", "masks", frame) == 1
    written = picture(tmp_path / "out/TEST/masks/moth-1.png")
    np.testing.assert_array_equal(written, FRAMES[frame])


@pytest.mark.parametrize("frame", Frame)
@pytest.mark.parametrize(("kind", "colour"), [("blue", (0, 0, 255)), ("black", (0, 0, 0))])
def test_the_background_is_filled_and_the_specimen_untouched(
    db: Database,
    blobs: FolderBlobs,
    add_label: AddLabel,
    tmp_path: Path,
    frame: Frame,
    kind: str,
    colour: tuple[int, int, int],
) -> None:
    specimen = add_label()
    export_to(db, blobs, tmp_path / "out", kind, frame)
    pixels = original(db, blobs, specimen, frame)
    expected = np.where(FRAMES[frame][..., None] > 0, pixels, colour)
    np.testing.assert_array_equal(picture(tmp_path / f"out/TEST/{kind}/moth-1.png"), expected)


@pytest.mark.parametrize("frame", Frame)
def test_cut_outs_have_the_mask_as_alpha(
    db: Database, blobs: FolderBlobs, add_label: AddLabel, tmp_path: Path, frame: Frame
) -> None:
    specimen = add_label()
    export_to(db, blobs, tmp_path / "out", "cutout", frame)
    written = picture(tmp_path / "out/TEST/cutout/moth-1.png")
    inside = FRAMES[frame] > 0
    np.testing.assert_array_equal(written[..., 3], FRAMES[frame])
    pixels = original(db, blobs, specimen, frame)
    np.testing.assert_array_equal(written[inside, :3], pixels[inside])


@pytest.mark.parametrize("frame", Frame)
def test_pairs_are_letter_boxed(
    db: Database, blobs: FolderBlobs, add_label: AddLabel, tmp_path: Path, frame: Frame
) -> None:
    specimen = add_label()
    export_to(db, blobs, tmp_path / "out", "pairs256", frame)
    height, width = FRAMES[frame].shape
    square = Letterbox(height, width, 256)
    folder = tmp_path / "out/TEST/pairs256"
    pixels = original(db, blobs, specimen, frame)
    np.testing.assert_array_equal(picture(folder / "imgs/moth-1.png"), square.pixels(pixels))
    np.testing.assert_array_equal(picture(folder / "masks/moth-1.png"), square.mask(FRAMES[frame]))

    with db.transaction() as session:
        session.get_one(Specimen, specimen.id).source.padding = "#102030"
    export_to(db, blobs, tmp_path / "filled", "pairs256", frame)
    filled = picture(tmp_path / "filled/TEST/pairs256/imgs/moth-1.png")
    np.testing.assert_array_equal(filled, square.pixels(pixels, (0x10, 0x20, 0x30)))


def test_everything_is_every_kind_once(
    db: Database, blobs: FolderBlobs, add_label: AddLabel, tmp_path: Path
) -> None:
    add_label()
    export_to(db, blobs, tmp_path / "out", "all")
    kinds = ("masks", "blue", "black", "cutout", "pairs256/imgs", "pairs256/masks")
    assert files_in(tmp_path / "out") == {
        "manifest.csv",
        *(f"TEST/{kind}/moth-1.png" for kind in kinds),
    }


def test_the_manifest_tells_version_author_origin_and_digest(
    db: Database, blobs: FolderBlobs, add_label: AddLabel, person: Person, tmp_path: Path
) -> None:
    specimen = add_label("翠綠裳蛾 03", "臺博館")
    with db.transaction() as session:
        stored = session.get_one(Specimen, specimen.id)
        second = factories.make_version(session, blobs, stored, person)
        first = session.get_one(LabelVersion, second.parent_id)
        second.digest, second.origin = first.digest, "grabcut"
        stored.taxon = "ERE01"
        session.add(Taxon(code="ERE01", family="Erebidae", name="Catocala sp. 裳蛾"))
    export_to(db, blobs, tmp_path / "out")
    assert manifest(tmp_path / "out") == [
        {
            "source": "臺博館",
            "specimen": "翠綠裳蛾 03",
            "taxon": "ERE01",
            "family": "Erebidae",
            "name": "Catocala sp. 裳蛾",
            "file": "翠綠裳蛾 03.png",
            "photograph": "臺博館-翠綠裳蛾 03.png",
            "version": "2",
            "author": "Ada",
            "origin": "grabcut",
            "created_at": "2026-01-01T00:00:00+00:00",
            "mask_sha256": second.digest,
            "left": "6",
            "top": "4",
            "right": "60",
            "bottom": "46",
            "angle": "0.0",
            "version_id": str(second.id),
            "candidate_id": "",
            "model_id": "",
            "round": "",
        }
    ]
    assert (tmp_path / "out/臺博館/masks/翠綠裳蛾 03.png").exists()


def test_only_labels_that_count_are_exported(
    db: Database, blobs: FolderBlobs, add_label: AddLabel, tmp_path: Path
) -> None:
    add_label("good")
    blurred = add_label("blurred")
    with db.transaction() as session:
        factories.make_specimen(session, blobs, "open")
        unusable = session.get_one(Specimen, blurred.id)
        unusable.unusable = True
        unusable.settle()
    assert export_to(db, blobs, tmp_path / "out") == 1
    assert [row["specimen"] for row in manifest(tmp_path / "out")] == ["good"]


def test_nothing_to_export_gives_an_empty_manifest(
    db: Database, blobs: FolderBlobs, tmp_path: Path
) -> None:
    assert export_to(db, blobs, tmp_path / "out") == 0
    assert files_in(tmp_path / "out") == {"manifest.csv"}
    assert manifest(tmp_path / "out") == []


def test_a_label_that_is_drawn_meanwhile_waits_for_the_next_export(
    db: Database, blobs: FolderBlobs, add_label: AddLabel, person: Person, tmp_path: Path
) -> None:
    specimen, _ = add_label("a"), add_label("b")
    reports: list[tuple[int, int]] = []

    def redraw(progress: Progress) -> None:
        reports.append((progress.done, progress.total))
        if progress.done == 1:
            with db.transaction() as session:
                changed = session.get_one(Specimen, specimen.id)
                factories.make_version(session, blobs, changed, person)

    sink = FolderSink(tmp_path / "out")
    kind, frame = ExportKind.MASKS, Frame.CROP
    assert export(db, blobs, sink, kind=kind, frame=frame, on_progress=redraw) == 2
    assert [row["version"] for row in manifest(tmp_path / "out")] == ["1", "1"]
    assert reports == [(0, 2), (1, 2), (2, 2)]


UNSAFE = ["../up", "..", ".hidden", "a/b", "a\\b", "a%2Fb", 'a:b*?"<>|', "碁" * 250, "碁" * 251]


def test_unsafe_names_stay_distinct_and_inside_the_folder(
    db: Database, blobs: FolderBlobs, add_label: AddLabel, tmp_path: Path
) -> None:
    keys = [*UNSAFE, "Moth", "moth"]
    for key in keys:
        add_label(key)
    assert export_to(db, blobs, tmp_path / "in/out") == len(keys)
    rows = manifest(tmp_path / "in/out")
    named = {row["file"].casefold() for row in rows}
    assert [row["specimen"] for row in rows] == keys
    assert len(named) == len(keys)
    assert {path.name for path in (tmp_path / "in/out/TEST/masks").iterdir()} == {
        row["file"] for row in rows
    }
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("SJTT-0012 翠綠裳蛾", "SJTT-0012 翠綠裳蛾"),
        ("a/b", "a%2Fb"),
        ("a%2Fb", "a%252Fb"),
        ("..", "%2E%2E"),
        ("name.", "name%2E"),
        ("tab\t", "tab%09"),
        ("moth#2", "moth#2"),
    ],
)
def test_file_names(key: str, name: str) -> None:
    assert file_name(key) == name
