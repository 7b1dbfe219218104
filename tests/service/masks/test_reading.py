"""What files that are handed in as masks are found to be."""

import numpy as np
import pytest

from app.domain.jobs import JobState, PartKind
from app.domain.mask_imports import MaskFile, MaskKind
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.errors import Conflict, NotFound, Refused
from app.services import exports, jobs, mask_corrections, mask_imports
from app.services.mask_corrections import Correction
from ml.imaging.letterbox import Letterbox
from ml.imaging.masks import decode_mask
from tests import factories
from tests.conftest import Drain
from tests.service.masks import flow
from tests.service.masks.flow import blue_file, mask, mask_file
from tests.unit.imaging.pictures import png
from tests.unit.importing import zips
from worker.context import Context


def test_all_outcomes_of_one_import(context: Context, drain: Drain, person: Person) -> None:
    moth, other, *_ = flow.specimens(context, "moth", "other", "third", "fourth")
    flow.specimens(context, "moth", source="CARS")
    files = {
        "other_cropped_mask.png": mask_file(2),
        "other_mask_rgbfill.png": blue_file(2),
        "third_mask.png": png(mask() * 0),
        "fourth.png": png(np.zeros((7, 9), np.uint8)),
        "fourth_notes.png": mask_file(),
        "fourth_rgb.png": b"some words",
        "x/moth-removebg-preview.png": mask_file(),
        "TEST/moth_mask_Unet.png": mask_file(),
        "../moth.png": mask_file(),
    }
    import_id = flow.read(context, drain, person, files)

    assert flow.outcomes(context, import_id) == {
        "other_cropped_mask.png": "matched",
        "other_mask_rgbfill.png": "repeated",
        "third_mask.png": "empty",
        "fourth.png": "wrong-size",
        "fourth_notes.png": "unmatched",
        "fourth_rgb.png": "unreadable",
        "x/moth-removebg-preview.png": "ambiguous",
        "TEST/moth_mask_Unet.png": "matched",
        "../moth.png": "unreadable",
    }
    rows = flow.found(context, import_id)
    assert rows["TEST/moth_mask_Unet.png"].specimen_id == moth
    matched = rows["other_cropped_mask.png"]
    assert (matched.specimen_id, matched.kind, matched.inverted) == (other, MaskKind.MASK, False)
    assert matched.reason == {}
    assert matched.mask_digest is not None
    np.testing.assert_array_equal(decode_mask(context.blobs.read(matched.mask_digest)), mask(2))
    said = {name: flow.sentence(file) for name, file in rows.items()}
    assert said["other_mask_rgbfill.png"].startswith("other_cropped_mask.png is for the same")
    assert said["third_mask.png"].startswith("The mask is all black")
    assert "9 × 7 pixels, but the crop has 64 × 48 and the photograph 64 × 48" in said["fourth.png"]
    assert said["fourth_notes.png"] == "No specimen is called fourth_notes."
    assert said["fourth_rgb.png"].startswith("The file holds text")
    assert "called moth: in CARS, TEST." in said["x/moth-removebg-preview.png"]
    assert said["../moth.png"].startswith("Its path leads out of the folder")
    with context.db.reading() as session:
        assert mask_imports.get(session, import_id).job.state is JobState.DONE
        assert session.get_one(Specimen, other).version_id is None


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("CARS0717", "CARS0717.png"),
        ("CARS0717", "a/b/CARS0717_cropped_mask_Unet.png"),
        ("CARS0717", "CARS0717_cropped-removebg-preview.png"),
        ("CARS0717", "CARS0717_RMBG.PNG"),
        ("CARS0717", "CARS0717_rgb.png"),
        ("CARS0717", "CARS0717_mask_rgbfill.png"),
        ("CARS0717", "CARS0717_cropped_mask_painter3d.png"),
        ("CARS0717", "cars0717_mask.png"),
        ("GEO無法辨識-1_SJRS00018_female", "GEO無法辨識-1_SJRS00018_female_mask.png"),
        ("moth_mask", "moth_mask.png"),
        ("moth_mask", "moth_mask_cropped_mask.png"),
        ("moth#2", "moth#2_mask.png"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_names_that_match(
    context: Context, drain: Drain, person: Person, key: str, name: str
) -> None:
    (specimen_id,) = flow.specimens(context, key)
    import_id = flow.read(context, drain, person, {name: mask_file()})
    assert flow.found(context, import_id)[name].specimen_id == specimen_id


@pytest.mark.parametrize(
    ("keys", "name", "matched"),
    [
        (("Moth", "moth"), "moth.png", "moth"),
        (("Moth", "moth"), "MOTH.png", None),
        (("moth", "moth_rgb"), "moth_rgb.png", "moth_rgb"),
        (("moth", "moth_rgb"), "moth_rgb_mask.png", "moth_rgb"),
        (("moth", "Moth_Mask"), "moth_mask.png", "moth"),
    ],
)
def test_the_nearest_name_wins(
    context: Context,
    drain: Drain,
    person: Person,
    keys: tuple[str, ...],
    name: str,
    matched: str | None,
) -> None:
    numbers = dict(zip(keys, flow.specimens(context, *keys), strict=True))
    file = flow.found(context, flow.read(context, drain, person, {name: mask_file()}))[name]
    assert file.specimen_id == (numbers[matched] if matched else None)
    assert file.outcome.value == ("matched" if matched else "ambiguous")


@pytest.mark.parametrize("key", ['a:b?"c".', "100%", "長" * 120, ".hidden", "con:%41"])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_was_exported_comes_back(
    context: Context, drain: Drain, person: Person, key: str
) -> None:
    flow.specimens(context, f"{key}x", f"{key}y")
    (specimen_id,) = flow.specimens(context, key)
    for name in (exports.file_name(key), f"{exports.file_name(key)}%~{specimen_id}"):
        written = f"TEST/masks/{name}_mask.png"
        import_id = flow.read(context, drain, person, {written: mask_file()})
        assert [file.specimen_id for file in flow.found(context, import_id).values()] == [
            specimen_id
        ]


def test_a_name_that_would_be_a_nul_spoils_no_other_file(
    context: Context, drain: Drain, person: Person
) -> None:
    flow.specimens(context, "moth")
    files = {"moth%00_mask.png": mask_file(), "moth_mask.png": mask_file()}
    import_id = flow.read(context, drain, person, files)
    assert list(flow.outcomes(context, import_id).values()) == ["unmatched", "matched"]


def test_a_zip_with_big5_names_whose_name_is_the_source(
    context: Context, drain: Drain, person: Person
) -> None:
    (specimen_id,) = flow.specimens(context, "功許蓋", source="SJTT")
    flow.specimens(context, "功許蓋", source="CARS")
    names = [f"功許蓋{end}.png".encode("cp950") for end in ("", "_mask")]
    archive = zips.zipped([(name, mask_file()) for name in names])
    import_id = flow.read(context, drain, person, {"SJTT.zip": archive, "CARS.zip": b"PK\x03\x04"})
    assert flow.outcomes(context, import_id) == {
        "SJTT.zip/功許蓋.png": "matched",
        "SJTT.zip/功許蓋_mask.png": "repeated",
        "CARS.zip": "unreadable",
    }
    rows = flow.found(context, import_id)
    assert rows["SJTT.zip/功許蓋.png"].specimen_id == specimen_id
    assert flow.sentence(rows["CARS.zip"]).startswith("The archive is damaged")


def test_a_square_of_256_is_mapped_back_and_an_index_mask_turned_round(
    context: Context, drain: Drain, person: Person
) -> None:
    flow.specimens(context, "a", "b", "c")
    small = Letterbox(factories.HEIGHT, factories.WIDTH, 256).mask(mask())
    files = {"a.png": png(small), "b.png": png(1 - mask() // 255), "c.png": png(255 - mask())}
    import_id = flow.read(context, drain, person, files)
    rows = flow.found(context, import_id)
    assert [row.inverted for row in rows.values()] == [False, True, False]
    for name in ("a.png", "b.png"):
        back = decode_mask(context.blobs.read(rows[name].mask_digest or ""))
        assert (back != mask()).mean() < 0.02
    assert flow.sentence(rows["b.png"]).startswith("It was read inverted")
    assert flow.sentence(rows["c.png"]).startswith("Most of the border is specimen")


def test_a_specimen_without_a_crop_is_told(context: Context, drain: Drain, person: Person) -> None:
    with context.db.transaction() as session:
        factories.make_specimen(session, context.blobs, "moth", cropped=False)
    file = flow.found(context, flow.read(context, drain, person, {"moth.png": mask_file()}))
    assert file["moth.png"].outcome.value == "unmatched"
    assert flow.sentence(file["moth.png"]) == "moth has no crop yet, so it can have no mask."


def test_nothing_to_import_is_refused(context: Context, person: Person) -> None:
    with pytest.raises(Refused, match="nothing to import"):
        flow.stage(context, person, {})


def test_a_kind_for_all_files(context: Context, drain: Drain, person: Person) -> None:
    flow.specimens(context, "moth")
    import_id = flow.read(context, drain, person, {"moth.png": blue_file()}, MaskKind.CUTOUT)
    file = flow.found(context, import_id)["moth.png"]
    assert (file.outcome.value, file.kind, file.kind_chosen) == ("unreadable", "cutout", True)


def test_a_part_that_is_done_again_changes_nothing(
    context: Context, drain: Drain, person: Person
) -> None:
    flow.specimens(context, "a", "b")
    archive = zips.zipped([(b"a.png", mask_file()), (b"b.png", mask_file(1))])
    import_id = flow.read(context, drain, person, {"masks.zip": archive, "a.png": mask_file(2)})
    before = {name: (f.id, f.outcome) for name, f in flow.found(context, import_id).items()}
    with context.db.transaction() as session:
        job_id = mask_imports.get(session, import_id).job_id
        jobs.add_part(
            session, job_id, PartKind.READ_MASKS, {"files": [id_ for id_, _ in before.values()]}
        )
    drain(context, flow.HANDLERS)
    assert before == {name: (f.id, f.outcome) for name, f in flow.found(context, import_id).items()}


def correct(context: Context, file: MaskFile, wanted: Correction) -> MaskFile:
    mask_corrections.correct(context.db, context.blobs, file.import_id, file.id, wanted)
    return flow.found(context, file.import_id)[file.name]


def test_an_ambiguous_file_is_given_its_specimen(
    context: Context, drain: Drain, person: Person
) -> None:
    (first,) = flow.specimens(context, "moth", source="A")
    (second,) = flow.specimens(context, "moth", source="B")
    import_id = flow.read(context, drain, person, {"moth.png": mask_file()})
    file = flow.found(context, import_id)["moth.png"]
    assert file.reason["choices"] == [first, second]
    for chosen in (second, first):  # also a second time
        file = correct(context, file, Correction(specimen_id=chosen))
        assert (file.outcome.value, file.specimen_id) == ("matched", chosen)
    with pytest.raises(NotFound):
        correct(context, file, Correction(specimen_id=9999))


def test_kind_and_inversion_are_corrected(context: Context, drain: Drain, person: Person) -> None:
    flow.specimens(context, "moth")
    import_id = flow.read(context, drain, person, {"moth.png": png(255 - mask())})
    file = correct(context, flow.found(context, import_id)["moth.png"], Correction(inverted=True))
    assert (file.inverted, file.reason, file.kind_chosen) == (True, {}, False)
    np.testing.assert_array_equal(decode_mask(context.blobs.read(file.mask_digest or "")), mask())
    file = correct(context, file, Correction(kind=MaskKind.BLUE))
    assert (file.outcome.value, file.kind, file.inverted) == ("empty", "blue", False)
    file = correct(context, file, Correction(kind=MaskKind.MASK, inverted=True))
    assert (file.outcome.value, file.kind_chosen, file.inverted) == ("matched", True, True)


def test_another_of_the_repeated_files_can_count(
    context: Context, drain: Drain, person: Person
) -> None:
    (specimen_id,) = flow.specimens(context, "moth")
    files = {"moth.png": mask_file(3), "moth_rgb.png": blue_file(4), "moth_mask.png": mask_file(5)}
    import_id = flow.read(context, drain, person, files)
    last = flow.found(context, import_id)["moth_mask.png"]
    assert last.reason["choices"] == [specimen_id]
    correct(context, last, Correction(specimen_id=specimen_id))
    assert list(flow.outcomes(context, import_id).values()) == ["repeated", "repeated", "matched"]
    assert flow.found(context, import_id)["moth_mask.png"].reason == {}
    emptied = flow.found(context, import_id)["moth_mask.png"]
    correct(context, emptied, Correction(kind=MaskKind.CUTOUT))
    assert list(flow.outcomes(context, import_id).values()) == ["matched", "repeated", "unreadable"]


def test_of_pictures_handed_out_together_the_edited_one_counts(
    context: Context, drain: Drain, person: Person
) -> None:
    flow.specimens(context, "moth")  # its first candidate is the mask itself
    handed_out = {"moth_mask.png": mask_file(), "moth_mask_rgbfill.png": blue_file()}
    edited = {**handed_out, "moth_mask_rgbfill.png": blue_file(5)}
    assert [
        list(flow.outcomes(context, flow.read(context, drain, person, files)).values())
        for files in (handed_out, edited)
    ] == [["matched", "repeated"], ["repeated", "matched"]]


def test_corrections_that_make_no_sense(context: Context, drain: Drain, person: Person) -> None:
    flow.specimens(context, "moth")
    waiting = flow.stage(context, person, {"moth.png": mask_file()})
    with pytest.raises(Conflict, match="still being read"):
        correct(context, flow.found(context, waiting)["moth.png"], Correction(inverted=True))
    import_id = flow.read(context, drain, person, {"unknown.png": mask_file(), "/a.png": b"x"})
    rows = flow.found(context, import_id)
    with pytest.raises(Refused, match="Choose the specimen"):
        correct(context, rows["unknown.png"], Correction(inverted=True))
    with pytest.raises(Conflict, match="could not be kept"):
        correct(context, rows["/a.png"], Correction(specimen_id=1))
    with pytest.raises(NotFound):
        mask_corrections.correct(
            context.db, context.blobs, waiting, rows["unknown.png"].id, Correction()
        )
