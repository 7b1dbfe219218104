"""What is handed out for editing, and that what comes back finds its specimen, to the pixel."""

import io
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Candidate
from app.domain.people import Person
from app.domain.specimens import CropMap, MapKind, Specimen, SpecimenState, Tag
from app.errors import Refused
from app.services import handouts, mask_files, mask_matching
from app.services.browsing import Selection
from app.services.labelling import current_crop
from app.services.mask_files import MaskFrom
from app.services.queueing import settle_queue_place
from ml.imaging.arrays import Mask
from ml.imaging.masks import decode_mask, encode_map
from ml.progress import Progress
from tests import factories
from tests.service.exports.conftest import BOX, AddLabel

ODD = ["../up", ".hidden", "a/b", "50%2", 'a:b*?"<>|', "碁" * 90, "Moth", "moth", "moth_mask"]
INSIDE = BOX.cut(factories.moth_mask())


class Files(dict[str, bytes]):
    """A sink that keeps what is written."""

    def write(self, name: str, data: bytes) -> None:
        assert name not in self
        self[name] = data


def hand_out(db: Database, blobs: FolderBlobs, **chosen: object) -> Files:
    files = Files()
    selection = Selection(**chosen)  # type: ignore[arg-type]
    written = handouts.hand_out(db, blobs, files, selection=selection)
    assert written == len({name.rsplit("_cropped")[0] for name in files if "_cropped" in name})
    return files


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as opened:
        return np.asarray(opened)


def add_blocks(db: Database, blobs: FolderBlobs, specimen: Specimen, mask: Mask) -> None:
    """A map of half the crop's size, whose blocks 0 and 2 lie outside the specimen."""
    small = mask[::2, ::2]
    blocks = np.where(small > 0, 1, 0)
    blocks[:3] = np.where(small[:3] > 0, 1, 2)
    with db.transaction() as session:
        for method in ("kanezaki", "slic"):
            made = CropMap(
                crop_id=session.get_one(Specimen, specimen.id).crop_id or 0,
                kind=MapKind.BLOCKS,
                method=method,
                digest=blobs.put(encode_map(blocks if method == "kanezaki" else blocks * 0)),
                created_at=db.clock(),
            )
            session.add(made)


def test_four_pictures_of_one_size_and_how_to_edit_them(
    db: Database, blobs: FolderBlobs, add_label: AddLabel
) -> None:
    specimen = add_label("翠綠裳蛾", "臺博館")
    add_blocks(db, blobs, specimen, INSIDE)
    files = hand_out(db, blobs)
    endings = ("cropped", "mask_rgbfill", "mask", "rgb")
    assert list(files) == ["README.txt", *(f"臺博館/翠綠裳蛾_{each}.png" for each in endings)]
    crop, filled, mask, blocks = (pixels(files[f"臺博館/翠綠裳蛾_{each}.png"]) for each in endings)
    np.testing.assert_array_equal(mask, INSIDE)
    np.testing.assert_array_equal(filled, np.where(INSIDE[..., None] > 0, crop, (0, 0, 255)))
    assert blocks.shape == crop.shape == (BOX.height, BOX.width, 3)
    assert len(np.unique(blocks.reshape(-1, 3), axis=0)) == 3
    assert blocks.max(axis=2).min() > 0, "black is left to the person who paints the background"


def test_the_best_candidate_that_is_open_stands_in_for_a_label(
    db: Database, blobs: FolderBlobs
) -> None:
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs, methods=("best", "good", "poor"))
        session.get_one(Candidate, 1).rejected = True
        settle_queue_place(session, specimen)
    mask = pixels(hand_out(db, blobs)["TEST/moth-1_mask.png"])
    np.testing.assert_array_equal(mask, factories.moth_mask(1))


def test_without_any_mask_there_is_still_the_crop(db: Database, blobs: FolderBlobs) -> None:
    with db.transaction() as session:
        factories.make_specimen(session, blobs, methods=())
        factories.make_specimen(session, blobs, "no crop", cropped=False)
    assert list(hand_out(db, blobs)) == ["README.txt", "TEST/moth-1_cropped.png"]
    with db.reading() as session, pytest.raises(Refused, match="no crop yet"):
        handouts.find(session, 2)


def test_a_label_of_an_older_crop_is_carried_to_the_present_one(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs)
        factories.make_version(session, blobs, specimen, person)
        factories.make_crop(session, blobs, specimen, BOX)
    mask = pixels(hand_out(db, blobs)["TEST/moth-1_mask.png"])
    np.testing.assert_array_equal(mask, INSIDE)


def test_a_selection_is_handed_out_in_chunks(
    db: Database, blobs: FolderBlobs, add_label: AddLabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handouts, "CHUNK", 2)
    ids = [add_label(f"moth-{number}", "ABC"[number % 3]).id for number in range(7)]
    with db.transaction() as session:
        tag = Tag(specimen_id=ids[4], word="white wing", person_id=None, created_at=db.clock())
        session.add(tag)
    reports: list[Progress] = []
    everything = handouts.hand_out(db, blobs, Files(), on_progress=reports.append)
    assert (everything, len(reports), reports[-1].done) == (7, 8, 7)
    assert _keys(hand_out(db, blobs, specimens=(ids[0], ids[6]))) == ["moth-0", "moth-6"]
    assert _keys(hand_out(db, blobs, source="B")) == ["moth-1", "moth-4"]
    assert _keys(hand_out(db, blobs, tag="white wing")) == ["moth-4"]
    assert _keys(hand_out(db, blobs, search="-3", state=SpecimenState.LABELLED)) == ["moth-3"]
    assert _keys(hand_out(db, blobs, state=SpecimenState.UNUSABLE)) == []


def _keys(files: Files) -> list[str]:
    return sorted(name[2:-12] for name in files if name.endswith("_cropped.png"))


def _as_painted(name: str, picture: np.ndarray, mask: Mask) -> np.ndarray:
    """What a person hands back: the background removed, or painted black, or left as it is."""
    if name.endswith("_cropped.png"):
        return np.dstack((picture, mask))
    if name.endswith("_rgb.png"):
        return np.where(mask[..., None] > 0, picture, 0).astype(np.uint8)
    return picture


def _find(db: Database, names: Sequence[str]) -> list[str]:
    """Source and key of the specimen that each file is matched with."""
    with db.reading() as session:
        found = [match.specimen_ids for match in mask_matching.match(session, names)]
        assert [len(ids) for ids in found] == [1] * len(names)
        specimens = [session.get_one(Specimen, ids[0]) for ids in found]
        return [f"{specimen.source.code}/{specimen.key}" for specimen in specimens]


def test_everything_that_is_handed_back_finds_its_specimen_and_is_the_same_mask(
    db: Database, blobs: FolderBlobs, add_label: AddLabel
) -> None:
    for key in ODD:
        add_blocks(db, blobs, add_label(key), INSIDE)
    add_label("moth", "OTHER")
    with db.reading() as session:
        chosen = select(Specimen).order_by(Specimen.id)
        written = [f"{one.source.code}/{one.key}" for one in session.scalars(chosen)]
        place = mask_files.place_of(session, current_crop(session, 1))
    files = hand_out(db, blobs)
    del files["README.txt"]
    assert len(files) == 4 * len(ODD) + 3
    found = _find(db, list(files))
    assert list(dict.fromkeys(found)) == written
    for name, data in files.items():
        picture = Image.fromarray(_as_painted(name, pixels(data), INSIDE))
        picture.save(back := io.BytesIO(), "PNG")
        read = mask_files.read_mask(place, back.getvalue(), MaskFrom("upload", name))
        digest = mask_files.keep_mask(blobs, read)
        np.testing.assert_array_equal(decode_mask(blobs.read(digest)), INSIDE, err_msg=name)
