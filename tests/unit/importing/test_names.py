"""Names out of archives, and the keys in them."""

import pytest

from app.errors import Refused
from app.services import names


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("cp950", ["GEO無法辨識-1_SJRS00018_female.png"]),
        ("cp950", ["功許蓋.jpg"]),  # the second byte of each is a backslash
        ("cp950", ["碁裏恒粧嫺.jpg"]),  # not in Python's own big5
        ("cp950", ["蝶.jpg"]),  # everyday in Big5 and in GBK
        ("cp950", ["展翅不完全/側面（殘缺）.jpg", "CARS0717.jpg"]),
        ("gbk", ["无法辨识.jpg"]),
        ("gbk", ["国.jpg", "图.jpg", "个体.jpg"]),
        ("utf-8", ["無法辨識.jpg", "功許蓋.jpg"]),
        ("utf-8", ["Schäfer.jpg"]),
        ("utf-8", ["CARS0717.jpg"]),
        ("utf-8", []),
        ("cp437", ["Müller.jpg"]),
        ("cp437", ["Köln.jpg", "für.jpg", "Ägypten.jpg"]),
        ("cp932", ["標本の写真.jpg"]),
        ("cp932", ["カタログ.jpg"]),
    ],
)
def test_names_of_an_archive_are_read_as_they_were_written(
    encoding: str, written: list[str]
) -> None:
    assert names.decode_names([name.encode(encoding) for name in written]) == (encoding, written)


def test_one_damaged_name_does_not_spoil_the_others() -> None:
    good = ["無法辨識.jpg", "側面.jpg"]
    encoding, read = names.decode_names([*(name.encode("cp950") for name in good), b"\xff.jpg"])
    assert (encoding, read[:2]) == ("cp950", good)


@pytest.mark.parametrize(
    ("name", "tidied"),
    [
        ("folder\\name.jpg", "folder/name.jpg"),
        ("Scha\u0308fer.jpg", "Schäfer.jpg"),
        ("a\x00b\nc.jpg", "a\ufffdb\ufffdc.jpg"),
    ],
)
def test_tidy(name: str, tidied: str) -> None:
    assert names.tidy(name) == tidied


def test_a_name_on_disk_that_is_no_utf8_is_read_as_big5() -> None:
    on_disk = "無法辨識.jpg".encode("cp950").decode(errors="surrogateescape")
    assert names.as_on_disk(on_disk) == "無法辨識.jpg"


@pytest.mark.parametrize(
    "name", ["../x.jpg", "a/../../x.jpg", "/etc/x.jpg", "C:/x.jpg", "", "x" * 300, "a/" * 300 + "x"]
)
def test_names_that_lead_elsewhere_or_cannot_be_stored_are_refused(name: str) -> None:
    with pytest.raises(Refused):
        names.check(name)


@pytest.mark.parametrize("name", ["x.jpg", "a/b..c/x.jpg", "...jpg", "無法辨識.jpg"])
def test_other_names_are_taken(name: str) -> None:
    names.check(name)


@pytest.mark.parametrize(
    ("name", "litter"),
    [
        ("a/.DS_Store", True),
        ("__MACOSX/a/._x.jpg", True),
        ("a/Thumbs.db", True),
        (".hidden/x.jpg", True),
        ("a/x.jpg", False),
        ("../x.jpg", False),
    ],
)
def test_litter(name: str, litter: bool) -> None:
    assert names.is_litter(name) is litter


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("CARS0717.jpg", "CARS0717"),
        ("a.zip/inner/LYM11_SJTT0764_1_female.jpg", "LYM11_SJTT0764_1_female"),
        ("x.JPG (2)", "x"),
        ("a.b.jpg", "a.b"),
    ],
)
def test_key(name: str, key: str) -> None:
    assert names.key_of(name) == key


def test_a_name_that_is_taken_gets_a_number_and_keeps_its_key() -> None:
    taken: set[str] = set()
    numbered = [names.apart("x.jpg", taken) for _ in range(3)]
    assert numbered == ["x.jpg", "x.jpg (2)", "x.jpg (3)"]
    assert {names.key_of(name) for name in numbered} == {"x"}
