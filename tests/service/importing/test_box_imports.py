"""Boxes of tables: crops of the specimens that they name, once, and never over a person's."""

import pytest
from sqlalchemy import select

from app.domain.jobs import JobState
from app.domain.photographs import Photograph
from app.domain.specimens import Crop, Specimen, SpecimenState
from app.errors import NotFound, Refused
from app.services import box_files, box_imports, boxes, photograph_imports
from app.services.box_imports import Report
from app.services.boxes import NewBox
from app.services.folders import Incoming
from app.services.photograph_imports import Wishes
from ml.imaging.boxes import Box
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import encode_png
from tests import factories
from tests.conftest import Drain
from tests.service.importing import flow
from worker.context import Context

WIDTH, HEIGHT = 240, 160


def photographs(context: Context, drain: Drain, *names: str, source: str = "XX") -> None:
    """Small ones, on which no detector has looked."""
    files = [
        Incoming(
            f"{name}.png",
            (encode_png(draw_specimen(seed, width=WIDTH, height=HEIGHT).pixels),),
        )
        for seed, name in enumerate(names, start=1000 * len(source) + len(names[0]))
    ]
    photograph_imports.start(context.db, context.blobs, files, source)
    drain(context, flow.HANDLERS)


def take(
    context: Context, drain: Drain, text: str, source: str = "XX", name: str = "boxes.csv"
) -> Report:
    table = Incoming(name, (text.encode("cp950"),))
    report = box_imports.start(context.db, context.blobs, [table], source)
    drain(context, flow.CUTTING_HANDLERS)
    return report


def crops(context: Context, key: str) -> list[Crop]:
    with context.db.reading() as session:
        of_key = select(Crop).join(Specimen, Crop.specimen_id == Specimen.id)
        return list(session.scalars(of_key.where(Specimen.key == key).order_by(Crop.number)))


def specimen(context: Context, key: str) -> Specimen:
    with context.db.reading() as session:
        return session.scalars(select(Specimen).where(Specimen.key == key)).one()


def rows(*lines: str) -> str:
    return "\n".join([",file,bboxes", *(f"{n},{line}" for n, line in enumerate(lines)), ""])


def test_a_table_of_the_lab_makes_crops(context: Context, drain: Drain) -> None:
    photographs(context, drain, "GEO無法辨識-7_XX01_female", "XX02", "XX03", "XX04")
    report = take(
        context,
        drain,
        rows(
            "../crops/GEO無法辨識-7_XX01_female_left_side.png,",
            '../crops/GEO無法辨識-7_XX01_female_right_side.png,"10.2,20.0,99.6,120.4"',
            "../crops/XX02_left_side.png,",
            "../crops/XX02_right_side.png,",
            '../crops/XX03.png,"30,40,130,140"',
            '../crops/XX99.png,"30,40,130,140"',
        ),
    )
    assert (report.placed, report.empty) == (2, 1)
    assert report.problems == ["XX99: there is no photograph of this name in source XX."]
    (first,) = crops(context, "GEO無法辨識-7_XX01_female")
    assert (first.found_box, first.origin, first.confidence) == ([130, 20, 220, 121], "table", None)
    (second,) = crops(context, "XX03")
    assert second.found_box == [30, 40, 130, 140]
    grown = Box(30, 40, 130, 140)
    with context.db.reading() as session:
        source = session.get_one(Specimen, second.specimen_id).source
        grown = grown.grown(source.scale_w, source.scale_ht, source.scale_hb)
    assert second.box == grown.clamped(WIDTH, HEIGHT)
    assert specimen(context, "XX02").state is SpecimenState.UNCROPPED
    assert specimen(context, "XX04").state is SpecimenState.IMPORTED
    job = flow.job_of(context, report.job_id)
    assert job.state is JobState.DONE
    assert job.result["boxes"]["problems"] == report.problems
    told = context.blobs.read(job.result["boxes"]["all_problems"]).decode("utf-8-sig")
    assert told.splitlines() == ["problem", *report.problems]


def test_twice_is_once(context: Context, drain: Drain) -> None:
    photographs(context, drain, "XX01", "XX02")
    text = rows('XX01.jpg,"10,10,60,90"', 'XX01.jpg,"130,20,200,100"', "XX02.jpg,")
    for _ in range(2):
        take(context, drain, text)
        assert [crop.found_box for crop in crops(context, "XX01")] == [[10, 10, 60, 90]]
        assert [crop.found_box for crop in crops(context, "XX01#2")] == [[130, 20, 200, 100]]
        assert specimen(context, "XX02").state is SpecimenState.UNCROPPED
    with context.db.reading() as session:
        assert len(session.scalars(select(Specimen)).all()) == 3


def test_a_corrected_table_makes_a_new_version(context: Context, drain: Drain) -> None:
    photographs(context, drain, "XX01")
    take(context, drain, rows('XX01.jpg,"10,10,60,90"'))
    take(context, drain, rows('XX01.jpg,"12,10,70,95"'))
    found = crops(context, "XX01")
    assert [crop.found_box for crop in found] == [[10, 10, 60, 90], [12, 10, 70, 95]]
    assert specimen(context, "XX01").crop_id == found[-1].id


def test_a_persons_box_stays_wherever_it_is(context: Context, drain: Drain) -> None:
    photographs(context, drain, "XX01", "XX02")
    text = rows('XX01.jpg,"10,10,60,90"', 'XX01.jpg,"130,20,200,100"', 'XX02.jpg,"10,10,60,90"')
    take(context, drain, text)
    far = NewBox(Box(80, 100, 120, 150), checked=True)
    for key in ("XX01", "XX02"):
        boxes.place(context.db, context.blobs, specimen(context, key).id, far)
    take(context, drain, text)
    assert [crop.origin for crop in crops(context, "XX01")] == ["table", "hand"]
    assert [crop.origin for crop in crops(context, "XX02")] == ["table", "hand"]
    with context.db.reading() as session:
        assert len(session.scalars(select(Specimen)).all()) == 3


def test_a_label_comes_along(context: Context, drain: Drain) -> None:
    with context.db.transaction() as session:
        person = factories.make_person(session)
        moth = factories.make_specimen(session, context.blobs, "a", source_code="XX")
        factories.make_version(session, context.blobs, moth, person)
    take(context, drain, rows('XX-a.png,"8,6,58,44"', 'XX-b.png,"8,6,58,44"'))
    taken = specimen(context, "a")
    assert taken.state is SpecimenState.LABELLED
    assert crops(context, "a")[-1].id == taken.crop_id
    assert crops(context, "a")[-1].origin == "table"


def test_what_a_worker_cannot_take_is_named_and_the_rest_goes_on(
    context: Context, drain: Drain
) -> None:
    with context.db.transaction() as session:
        person = factories.make_person(session)
        moth = factories.make_specimen(session, context.blobs, "a", source_code="XX")
        factories.make_version(session, context.blobs, moth, person)
    photographs(context, drain, "XX01")
    # Nothing of the label of the first would be left.
    report = take(context, drain, rows('XX-a.png,"0,0,10,10"', 'XX01.png,"10,10,60,90"'))
    told = flow.job_of(context, report.job_id).result["boxes"]
    assert told["problem_count"] == 1
    assert told["problems"][0].startswith("a: ")
    assert [crop.origin for crop in crops(context, "a")] == ["fallback"]
    assert [crop.origin for crop in crops(context, "XX01")] == ["table"]


@pytest.mark.parametrize(
    ("box", "why"),
    [("10,10,14,90", "8 are the least"), ("10,10,900,90", "another size")],
)
def test_a_box_that_cannot_be_meant_is_named(
    context: Context, drain: Drain, box: str, why: str
) -> None:
    photographs(context, drain, "XX01")
    report = take(context, drain, rows(f'XX01.jpg,"{box}"'))
    assert crops(context, "XX01") == []
    assert specimen(context, "XX01").state is SpecimenState.IMPORTED
    assert len(report.problems) == 1
    assert report.problems[0].startswith("XX01: ")
    assert why in report.problems[0]


def test_a_name_of_two_sources_is_asked_for(context: Context, drain: Drain) -> None:
    photographs(context, drain, "m1", "m2", source="A")
    photographs(context, drain, "m1", "m3", source="OTHER")
    text = rows('m1.jpg,"10,10,60,90"', 'm3.jpg,"10,10,60,90"')
    report = take(context, drain, text, source="")
    assert report.problems == ["m1: sources A, OTHER have this name; say which is meant."]
    assert len(crops(context, "m3")) == 1
    assert take(context, drain, text, source="A").placed == 1
    with pytest.raises(NotFound, match="no source NONE"):
        take(context, drain, text, source="NONE")


def test_halves_that_are_photographs_have_their_own_boxes(context: Context, drain: Drain) -> None:
    photographs(context, drain, "XX01_left_side", "XX01")
    take(
        context,
        drain,
        rows('XX01_left_side.png,"10,10,60,90"', 'XX01_right_side.png,"10,10,60,90"'),
    )
    assert [crop.found_box for crop in crops(context, "XX01_left_side")] == [[10, 10, 60, 90]]
    assert [crop.found_box for crop in crops(context, "XX01")] == [[130, 10, 180, 90]]


def test_boxes_that_come_with_photographs(context: Context, drain: Drain) -> None:
    text = rows('a.jpg,"10,10,60,90"', 'b.jpg,"10,10,900,90"', "c.jpg,", 'never.jpg,"1,2,30,40"')
    table = box_files.read([Incoming("boxes.csv", (text.encode(),))])
    files = [
        Incoming(f"{key}.png", (encode_png(draw_specimen(n, width=WIDTH, height=HEIGHT).pixels),))
        for n, key in enumerate("abcd")
    ]
    job_id = photograph_imports.start(
        context.db, context.blobs, files, "XX", wishes=Wishes(boxes=table)
    )
    drain(context, flow.CUTTING_HANDLERS)
    assert [crop.origin for crop in crops(context, "a")] == ["table"]
    assert specimen(context, "c").state is SpecimenState.UNCROPPED
    assert {crop.origin for key in "bd" for crop in crops(context, key)} == {"fallback"}
    assert "another size" in flow.ended(context, job_id)["b.png"].reason
    with context.db.reading() as session:
        job = flow.job_of(context, job_id)
        assert list(box_imports.missing(session, context.blobs, job)) == ["never"]


def test_without_a_table_there_is_nothing_to_do(context: Context) -> None:
    with pytest.raises(Refused, match="choose a table"):
        box_imports.start(context.db, context.blobs, [])


def test_a_lost_photograph_is_named(context: Context, drain: Drain) -> None:
    photographs(context, drain, "XX01", "XX02")
    with context.db.reading() as session:
        lost = session.scalars(select(Photograph).where(Photograph.key == "XX01")).one()
    context.blobs.remove(lost.digest)
    report = take(context, drain, rows('XX01.jpg,"10,10,60,90"', 'XX02.jpg,"10,10,60,90"'))
    told = flow.job_of(context, report.job_id).result["boxes"]
    assert [problem[:5] for problem in told["problems"]] == ["XX01:"]
    assert len(crops(context, "XX02")) == 1
