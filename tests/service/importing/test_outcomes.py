"""Every file ends as new, duplicate, conflict or refused, and the batch goes on."""

import pytest
from sqlalchemy import select

from app.domain.jobs import JobState, Part, PartKind
from app.domain.photographs import ImportedFile, Outcome, Photograph
from app.domain.specimens import Specimen, SpecimenState
from app.errors import Refused
from app.services import imports, jobs, photograph_imports, resuming
from app.services.folders import Incoming
from tests.conftest import Drain
from tests.service.importing import flow
from tests.service.importing.flow import Import, photograph
from tests.unit.imaging import pictures
from worker.context import Context

GOOD = photograph(99)


def outcomes(ended: dict[str, flow.Ended]) -> dict[str, str]:
    return {name: file.outcome.value for name, file in ended.items()}


def test_a_new_photograph_gets_its_specimen_and_its_crop_part(
    context: Context, import_files: Import
) -> None:
    ended = import_files({"box/無法辨識-1_female.png": GOOD}, "SJRS")
    assert outcomes(ended) == {"box/無法辨識-1_female.png": "new"}
    with context.db.reading() as session:
        taken = session.scalars(select(Photograph)).one()
        specimen = session.scalars(select(Specimen)).one()
        crop = session.scalars(select(Part).where(Part.kind == PartKind.CROP)).one()
        assert (taken.file_name, taken.source.code) == ("無法辨識-1_female.png", "SJRS")
        assert (taken.width, taken.height, taken.media_type) == (24, 16, "image/png")
        assert (specimen.key, specimen.photograph_id) == ("無法辨識-1_female", taken.id)
        assert specimen.state is SpecimenState.IMPORTED
        assert crop.payload == {"specimen": specimen.id}
        assert context.blobs.read(taken.digest) == GOOD


@pytest.mark.parametrize("sample", pictures.SAMPLES, ids=lambda sample: sample.name)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_kind_of_picture_is_taken_in_with_its_notes(
    context: Context, import_files: Import, sample: pictures.Sample
) -> None:
    ended = import_files({"moth.jpg": sample.data})
    assert outcomes(ended) == {"moth.jpg": "new"}
    with context.db.reading() as session:
        taken = session.scalars(select(Photograph)).one()
        assert (taken.height, taken.width) == sample.pixels.shape[:2]
        assert tuple(taken.notes) == sample.notes


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_rotation_in_exif_is_not_applied(
    context: Context, import_files: Import, kind: str
) -> None:
    import_files({"moth.jpg": pictures.oriented(kind, 6)})
    with context.db.reading() as session:
        taken = session.scalars(select(Photograph)).one()
        assert (taken.width, taken.height) == (pictures.WIDTH, pictures.HEIGHT)
        assert taken.notes == ["orientation-ignored"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        ("蛾 Moths, first draft".encode(), "text, not a picture"),
        (photograph(1, "JPEG")[:-200], "damaged or cut short"),
        (pictures.png_claiming(30_000, 30_000), "more than the limit of 500 megapixels"),
        (b"PK\x03\x04 but nothing more", "damaged or incomplete"),
    ],
    ids=["empty", "text", "truncated", "bomb", "no archive"],
)
def test_what_is_no_photograph_is_refused_with_a_reason_and_the_batch_goes_on(
    context: Context, import_files: Import, data: bytes, reason: str
) -> None:
    ended = import_files({"bad.jpg": data, "good.jpg": GOOD})
    assert outcomes(ended) == {"bad.jpg": "refused", "good.jpg": "new"}
    assert reason in ended["bad.jpg"].reason
    assert flow.count(context, Specimen) == 1


def test_the_same_bytes_are_a_duplicate_wherever_they_are(
    context: Context, import_files: Import
) -> None:
    first = import_files({"a.jpg": GOOD, "copy of a.jpg": GOOD}, "SJTT")
    again = import_files({"other.jpg": GOOD}, "CARS")
    assert outcomes(first | again) == {
        "a.jpg": "new",
        "copy of a.jpg": "duplicate",
        "other.jpg": "duplicate",
    }
    assert again["other.jpg"].reason == "The same picture is here already: a.jpg in source SJTT."
    assert again["other.jpg"].photograph_id == first["a.jpg"].photograph_id
    assert flow.count(context, Specimen) == 1


def test_the_same_name_with_other_bytes_is_kept_apart_and_reported(
    context: Context, import_files: Import
) -> None:
    first = import_files({"x/moth.jpg": GOOD})
    second = import_files({"y/moth.png": photograph(1)})
    assert outcomes(second) == {"y/moth.png": "conflict"}
    assert "moth.jpg" in second["y/moth.png"].reason
    assert second["y/moth.png"].photograph_id == first["x/moth.jpg"].photograph_id
    assert (flow.count(context, Photograph), flow.count(context, Specimen)) == (1, 1)
    with context.db.reading() as session:
        row = session.scalars(select(ImportedFile).where(ImportedFile.name == "y/moth.png")).one()
        assert context.blobs.read(row.digest) == photograph(1)


def test_the_same_name_in_another_source_is_another_specimen(
    context: Context, import_files: Import
) -> None:
    import_files({"moth.jpg": GOOD}, "SJTT")
    assert outcomes(import_files({"moth.jpg": photograph(1)}, "CARS")) == {"moth.jpg": "new"}
    assert flow.count(context, Specimen) == 2


def test_one_name_twice_in_one_upload(context: Context, drain: Drain) -> None:
    incoming = [Incoming("moth.jpg", (photograph(seed),)) for seed in (1, 2)]
    job_id = photograph_imports.start(context.db, context.blobs, incoming, "TEST")
    drain(context, flow.HANDLERS)
    assert outcomes(flow.ended(context, job_id)) == {
        "moth.jpg": "new",
        "moth.jpg (2)": "conflict",
    }


def test_taking_in_twice_is_harmless(context: Context, drain: Drain, import_files: Import) -> None:
    before = import_files({"a.jpg": GOOD, "b.jpg": b"no picture"})
    with context.db.transaction() as session:
        part = session.scalars(select(Part).where(Part.kind == PartKind.TAKE_IN)).one()
        part.state, job_id = JobState.QUEUED, part.job_id
    assert drain(context, flow.HANDLERS) == 1
    assert flow.ended(context, job_id) == before
    assert flow.count(context, Specimen) == 1


def test_a_job_is_done_when_all_its_files_are_taken_in(
    context: Context, import_files: Import
) -> None:
    ended = import_files({f"{seed}.jpg": photograph(seed) for seed in range(20)})
    assert set(outcomes(ended).values()) == {"new"}
    with context.db.reading() as session:
        job = jobs.get_job(session, 1)
        assert job.state is JobState.DONE
        take_in = select(Part.payload).where(Part.kind == PartKind.TAKE_IN)
        take_ins = session.scalars(take_in.order_by(Part.id)).all()
    assert [len(payload["files"]) for payload in take_ins] == [8, 8, 4]


def test_a_cancelled_import_stops_and_can_go_on(context: Context, drain: Drain) -> None:
    incoming = [Incoming(f"{seed}.jpg", (photograph(seed),)) for seed in range(10)]
    job_id = photograph_imports.start(context.db, context.blobs, incoming, "TEST")
    with context.db.transaction() as session:
        jobs.cancel(session, job_id)
    assert drain(context, flow.HANDLERS) == 0
    with context.db.transaction() as session:
        resuming.resume(session, job_id)
    drain(context, flow.HANDLERS)
    assert set(outcomes(flow.ended(context, job_id)).values()) == {"new"}


def test_the_summary_is_paged_and_leaves_out_what_went_well(
    context: Context, import_files: Import
) -> None:
    files = {f"{number}.txt": f"text {number}".encode() for number in range(7)}
    import_files({"good.jpg": GOOD} | files)
    with context.db.reading() as session:
        first = imports.summary(session, 1, limit=5)
        assert first.next_after is not None
        last = imports.summary(session, 1, after=first.next_after, limit=5)
    assert (first.source, first.total) == ("TEST", 8)
    assert (first.counts[Outcome.NEW], first.counts[Outcome.REFUSED]) == (1, 7)
    assert [file.name for file in (*first.files, *last.files)] == sorted(files)
    assert (len(first.files), last.next_after) == (5, None)


@pytest.mark.parametrize("code", ["", "a code with spaces", "x" * 61, "../x"])
def test_a_source_needs_a_short_code(context: Context, code: str) -> None:
    with pytest.raises(Refused, match="short code"):
        photograph_imports.start(context.db, context.blobs, [Incoming("a.jpg", (GOOD,))], code)


def test_an_import_of_nothing_is_refused(context: Context) -> None:
    with pytest.raises(Refused, match="nothing to import"):
        photograph_imports.start(context.db, context.blobs, [], "TEST")
