"""What file names tell, and patterns that are refused."""

import pytest

from app.domain.photographs import Source
from app.errors import Refused
from app.services.name_patterns import (
    NOTHING,
    NameParts,
    check_label_pattern,
    check_name_pattern,
    is_label,
    matched,
    parts_of,
)
from app.services.source_presets import PRESETS
from tests.conftest import MovableClock


@pytest.mark.parametrize(
    ("code", "stem", "parts"),
    [
        ("SJTT", "LYM11_SJTT0764_1_female", NameParts("LYM11", "SJTT0764", "1", "female")),
        (
            "SJTT",
            "GEO103_SJTT0295_slide_1_male",
            NameParts("GEO103", "SJTT0295", "1", "male", "slide"),
        ),
        ("SJTT", "NOC031_SJTT0202_1_1_male", NameParts("NOC031", "SJTT0202", "1_1", "male")),
        ("SJTT", "GEO022_SJTT1518", NameParts("GEO022", "SJTT1518")),
        ("SJTT", "LIT13SJTT2011_1_male_修改_female", NameParts("LIT13", "SJTT2011", "1", "female")),
        (
            "SJRS",
            "GEO無法辨識-1_SJRS00018_female",
            NameParts("GEO無法辨識-1", "SJRS00018", "", "female"),
        ),
        ("CARS", "CARS0717", NameParts("", "CARS0717")),
        ("CARS", "Not_id_yet_CARS1868", NameParts("", "CARS1868")),
        (
            "CARS",
            "PYR035_CARS0039_right_side",
            NameParts("PYR035", "CARS0039", "", "", "right_side"),
        ),
        ("CATT", "CATT0058_1", NameParts("", "CATT0058", "1")),
    ],
)
def test_the_labs_names_are_understood(code: str, stem: str, parts: NameParts) -> None:
    assert parts_of(stem, PRESETS[code].name_pattern) == parts


def test_a_name_that_does_not_fit_has_no_parts() -> None:
    assert matched("IMG_0067", PRESETS["SJTT"].name_pattern) is None
    assert parts_of("IMG_0067", PRESETS["SJTT"].name_pattern) == NOTHING
    assert parts_of("IMG_0067", "") == NOTHING


def test_a_part_that_is_longer_than_is_kept_does_not_fit() -> None:
    assert matched("x" * 60, "(?P<taxon>x+)") == NameParts("x" * 60)
    assert matched("x" * 61, "(?P<taxon>x+)") is None


def test_labels_are_told_by_the_whole_file_name(clock: MovableClock) -> None:
    source = Source(code="SJTT", label_pattern=r"\.JPG$", created_at=clock())
    assert is_label("LYM11_SJTT0764_1_female.JPG", source)
    assert not is_label("LYM11_SJTT0764_1_female.jpg", source)
    assert not is_label("標籤.JPG", Source(code="CARS", created_at=clock()))


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_presets_are_good_patterns(preset: object) -> None:
    check_name_pattern(preset.name_pattern)  # type: ignore[attr-defined]
    check_label_pattern(preset.label_pattern)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "missing"),
        ("(?P<number>[0-9]+)(?P<code>x)", "“code”"),
        ("[0-9]+", "names no part"),
        ("(?P<sex>f)|(?P<sex>m)", "“sex” twice"),
        ("(?=x)(?P<sex>f)", "cannot|not possible"),
        (r"(?P<sex>f)\1", "not possible"),
        ("\ud800", "broken"),
        ("x" * 1001, "1000 characters"),
        ("(?P<number>((x{100}){100}){100})", "repetition"),
    ],
)
def test_patterns_that_cannot_be_used_are_refused(pattern: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check_name_pattern(pattern)


def test_what_only_looks_like_a_part_is_none() -> None:
    check_name_pattern(r"\(?P<sex>[(?P<sex>]+(?P<sex>f|m)")


def test_no_pattern_hangs_the_server() -> None:
    """With Python's own engine this name takes longer than the sun has left."""
    pattern = r"(?P<number>(?:(?:a+)+)+)b"
    check_name_pattern(pattern)
    assert matched("a" * 480, pattern) is None
