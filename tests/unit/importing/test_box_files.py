"""Boxes that other programs wrote: what is read, and what is named as unreadable."""

import json

import pytest

from app.errors import Refused
from app.services import box_files, box_tables
from app.services.box_tables import BoxTable, TableBox
from app.services.folders import Incoming
from ml.imaging.boxes import Box
from tests.unit.importing import zips

FOLDER = "../data/data_resize_cropped/XX_halfcropped"


def read(*files: tuple[str, str | bytes], classes: tuple[str, ...] = ()) -> BoxTable:
    incoming = [
        Incoming(name, (data.encode() if isinstance(data, str) else data,)) for name, data in files
    ]
    return box_files.read(incoming, classes)


def placed(table: BoxTable, key: str, width: int = 1000, height: int = 500) -> list[Box] | None:
    about = box_tables.about(table.found, key)
    if about is None:
        return None
    return box_tables.joined([(box, box.on(width, height)) for box in about])


LABS = f"""\
,file,bboxes
0,{FOLDER}/GEO無法辨識-7_XX00018_female_left_side.png,
1,{FOLDER}/GEO無法辨識-7_XX00018_female_right_side.png,
2,{FOLDER}/XX0039_left_side.png,
3,{FOLDER}/XX0039_right_side.png,"56.9740600585937,34.13513183593744,95.02099609375,75.29736324"
4,{FOLDER}/Not_id_yet_XX1868_left_side.png,"400.2,30.0,499.6,75.0"
5,{FOLDER}/Not_id_yet_XX1868_right_side.png,"0.0,28.0,95.0,70.0"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp950"])
def test_the_labs_tables_of_half_photographs(encoding: str) -> None:
    table = read(("moth_all_bboxes.csv", LABS.encode(encoding)))
    assert table.problems == []
    assert placed(table, "GEO無法辨識-7_XX00018_female") == []
    assert placed(table, "XX0039") == [Box(556, 34, 596, 76)]
    # Both halves show a part of the same specimen.
    assert placed(table, "Not_id_yet_XX1868") == [Box(400, 28, 595, 75)]
    assert placed(table, "XX9999") is None


def test_halves_count_only_where_nothing_is_said_of_the_whole() -> None:
    whole = ("all.csv", 'file,bboxes\na.jpg,"1,2,30,40"\nb.jpg,\n')
    halves = ("half.csv", 'file,bboxes\na_left_side.png,"5,5,9,9"\nb_right_side.png,"5,5,9,9"\n')
    table = read(whole, halves)
    assert placed(table, "a") == [Box(1, 2, 30, 40)]
    assert placed(table, "b") == [Box(505, 5, 509, 9)]
    # A half can be a photograph of its own.
    assert placed(table, "b_right_side", 500) == [Box(5, 5, 9, 9)]


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        ('bbox,image\n"[1, 2, 30, 40]",a.png\n', [(1, 2, 30, 40)]),
        ("檔名;方框\na.png;1,2,30,40\n", [(1, 2, 30, 40)]),
        ("name,xmin,ymin,xmax,ymax\na,1.5,2,30,40\n", [(1, 2, 30, 40)]),
        ("left\ttop\tright\tbottom\tfile\n1\t2\t30\t40\tx\\y\\a.jpg\n", [(1, 2, 30, 40)]),
        ('file,bboxes\na,"[[1,2,3,4], [5,6,7,8]]"\n', [(1, 2, 3, 4), (5, 6, 7, 8)]),
        ('file,bboxes\na,"1,2,3,4"\na,"5,6,7,8"\n', [(1, 2, 3, 4), (5, 6, 7, 8)]),
        ('file,bboxes\na,"1,2,3,4"\na,"1,2,3,4"\n', [(1, 2, 3, 4)]),
        ("file,bboxes\na,[]\n", []),
        ("file,bboxes\na,nan\n", []),
    ],
)
def test_other_tables(text: str, boxes: list[tuple[int, int, int, int]]) -> None:
    table = read(("boxes.csv", text))
    assert table.problems == []
    assert placed(table, "a") == [Box(*edges) for edges in boxes]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('a.jpg,"1,2,3"', "four numbers"),
        ("a.jpg,somewhere", "four numbers"),
        ('a.jpg,"30,2,3,40"', "left, top, right, bottom"),
        ('a.jpg,"1,2,3,1e999"', "left, top, right, bottom"),
        (',"1,2,3,4"', "names no photograph"),
        ('a.jpg,"1,2,3,4', "quotation mark"),
        ("a.jpg," + "9" * 200_000, "far too long"),
        ("a.jpg,1\0", "four numbers"),
    ],
)
def test_a_row_that_makes_no_sense_is_named_and_the_rest_goes_on(row: str, why: str) -> None:
    table = read(("boxes.csv", f'file,bboxes\nx.jpg,"1,2,3,4"\n{row}\nb.jpg,"1,2,3,4"\n'))
    assert placed(table, "b") == placed(table, "x") == [Box(1, 2, 3, 4)]
    assert len(table.problems) == 1
    assert table.problems[0].startswith("boxes.csv, line 3: ")
    assert why in table.problems[0]


def test_yolo_texts_beside_photographs() -> None:
    table = read(
        ("labels/a.1.txt", "0 0.5 0.5 0.2 0.4\n"),
        ("labels/polygon.txt", "0 0.1 0.2 0.3 0.2 0.3 0.6 0.1 0.6\n"),
        ("labels/confident.txt", "0 0.5 0.5 0.2 0.4 0.97\n\n"),
        ("labels/empty.txt", ""),
        ("labels/bad.txt", "zero 0.5 0.5 0.2 0.4\n"),
        ("labels/pixels.txt", "0 300 200 50 60\n"),
        ("images/a.1.jpg", b"\xff\xd8\xff"),
        ("classes.txt", "moth\n"),
        ("data.yaml", "names: [moth]"),
    )
    assert placed(table, "a.1") == [Box(400, 150, 600, 350)]
    assert placed(table, "polygon") == [Box(100, 100, 300, 300)]
    assert placed(table, "confident") == [Box(400, 150, 600, 350)]
    assert placed(table, "empty") == []
    assert [problem.split(":")[0] for problem in table.problems] == [
        "labels/bad.txt",
        "labels/pixels.txt",
    ]


def test_yolo_texts_in_an_archive() -> None:
    text = b"0 0.5 0.5 0.2 0.4\n"
    packed = zips.zipped([("標本/無法.txt".encode("cp950"), text), ("x.jpg", b"\xff\xd8\xff")])
    table = read(("boxes.zip", packed))
    assert table.problems == []
    assert placed(table, "無法") == [Box(400, 150, 600, 350)]


@pytest.mark.parametrize("wanted", ["moth", "butterfly"])
def test_of_several_classes_somebody_says_which_are_specimens(wanted: str) -> None:
    files = (
        ("classes.txt", "ruler\nmoth\nbutterfly\n"),
        ("a.txt", "0 0.1 0.1 0.1 0.1\n1 0.5 0.5 0.2 0.4\n2 0.5 0.5 0.2 0.4\n"),
    )
    with pytest.raises(Refused, match=r"several classes: ruler \(1\), moth \(1\)"):
        read(*files)
    with pytest.raises(Refused, match="no class pin"):
        read(*files, classes=("pin",))
    assert placed(read(*files, classes=(wanted,)), "a") == [Box(400, 150, 600, 350)]


COCO = {
    "images": [
        {"id": 1, "file_name": "sub\\無法.jpg", "width": 2000, "height": 1000},
        {"id": 2, "file_name": "b.jpg"},
        {"id": 3, "file_name": "bad.jpg"},
        {"id": 4, "file_name": "none.jpg"},
    ],
    "annotations": [
        {"image_id": 1, "bbox": [100, 100, 200, 300], "category_id": 7},
        {"image_id": 2, "bbox": [100, 100, 200, 300], "category_id": 7},
        {"image_id": 3, "bbox": [100, 100], "category_id": 7},
    ],
    "categories": [{"id": 7, "name": "moth"}],
}


def test_coco_boxes_on_pictures_of_another_size() -> None:
    table = read(("coco.json", json.dumps(COCO)))
    assert placed(table, "無法") == [Box(50, 50, 150, 200)]
    assert placed(table, "b") == [Box(100, 100, 300, 400)]
    assert placed(table, "none") == []
    assert placed(table, "bad") is None
    assert [problem[:19] for problem in table.problems] == ["coco.json, bad.jpg:"]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x.json", b"[" * 100_000, "no COCO file"),
        ("x.json", b"{}", "no COCO file"),
        ("x.csv", b"a,b\n1,2\n", "no columns of files and boxes"),
        ("x.csv", b"\0\0\0", "no CSV file"),
        ("x.txt", b"\xff\xfe", "no YOLO text"),
        ("x.zip", b"PK\x03\x04", "damaged or incomplete"),
    ],
)
def test_files_without_boxes(name: str, data: bytes, why: str) -> None:
    with pytest.raises(Refused, match=f"There are no boxes in it. {name}: .*{why}"):
        read((name, data))


def test_a_box_far_outside_is_of_another_picture() -> None:
    with pytest.raises(Refused, match="another size"):
        TableBox((0, 0, 1100, 100)).on(1000, 500)
    assert TableBox((-3, -2, 1010, 100)).on(1000, 500) == Box(0, 0, 1000, 100)


def test_a_table_is_kept_for_workers() -> None:
    table = read(("boxes.csv", 'file,bboxes\na,"1,2,3,4"\nb,\n'))
    assert box_tables.from_bytes(table.to_bytes()) == table.found
