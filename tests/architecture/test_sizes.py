"""Sizes that a reader can live with."""

import statistics

import pytest

from tests.architecture.sources import CODE, files, functions, line_count, name_of

FUNCTIONS = functions((*CODE, "tests", "migrations"))


def test_most_functions_are_short() -> None:
    lengths = sorted(function.lines for function in functions(CODE))
    assert statistics.median(lengths) <= 12
    assert lengths[int(len(lengths) * 0.95)] <= 40


def test_no_function_is_long() -> None:
    assert [function for function in FUNCTIONS if function.lines > 60] == []


@pytest.mark.parametrize(
    ("folders", "suffix", "most"),
    [
        ((*CODE, "migrations"), ".py", 300),
        (("tests",), ".py", 400),
        (("static/js",), ".js", 200),
        (("templates",), ".html", 120),
    ],
    ids=["code", "tests", "scripts", "templates"],
)
def test_no_file_is_long(folders: tuple[str, ...], suffix: str, most: int) -> None:
    found = files(folders, suffix)
    assert found, f"no {suffix} file in {folders}: is the rule still looking at the right place?"
    assert {name_of(path): line_count(path) for path in found if line_count(path) > most} == {}
