"""CSV files of whatever program, and rows in them that make no sense."""

import io
import tracemalloc

import pytest

from app.errors import Refused
from app.services.csv_tables import CsvTable, Problems


def read(data: bytes) -> tuple[list[list[str]], list[tuple[int, str]]]:
    problems = Problems()
    rows = problems.without(list(CsvTable(io.BytesIO(data), "table.csv").rows()))
    return [list(row.cells) for row in rows], [(each.line, str(each)) for each in problems.first]


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("名稱,原因\n無法辨識,側面\n", "utf-8", "utf-8"),
        ("名稱,原因\n無法辨識,側面\n", "utf-8-sig", "utf-8-sig"),
        ("名稱,原因\n無法辨識,側面\n", "utf-16", "utf-16"),
        ("名稱,原因\n無法辨識,側面\n", "cp950", "cp950"),
        ("名称,原因\n无法辨识,残缺\n", "gbk", "gb18030"),
        ("標本,場所\nカタログ,東京都\n", "cp932", "cp932"),
        ("name,雌雄\nA1,雌\nA2,雄\n", "cp950", "cp950"),
        ("name,place\nA1,São Paulo\n".replace(" ", "_"), "cp1252", "cp1252"),
        ("name,temp\nA1,25°C\n", "cp1252", "cp1252"),
        ("Sammler,Größe\nHögberg,±2\n", "cp1252", "cp1252"),
        ("name,by\nA1,Taylor’s\nA2,Müller–Köhler\n", "cp1252", "cp1252"),
    ],
)
def test_encodings(text: str, encoding: str, found: str) -> None:
    table = CsvTable(io.BytesIO(text.encode(encoding)), "table.csv")
    assert table.encoding == found
    assert [",".join(row.cells) for row in table.rows()] == text.split()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    text = f'a{delimiter}b\r\n1{delimiter}"x{delimiter}y"\r\n'
    assert read(text.encode()) == ([["a", "b"], ["1", f"x{delimiter}y".replace("\t", " ")]], [])


def test_blank_rows_and_lines_in_cells() -> None:
    rows, problems = read(b'a,b\n\n1,"two\nlines"\n,\n2,x\n')
    assert (rows, problems) == ([["a", "b"], ["1", "two lines"], ["2", "x"]], [])


def test_a_forgotten_quotation_mark_costs_one_row() -> None:
    rest = "".join(f"{number},x\n" for number in range(500))
    rows, problems = read(f'a,b\n1,"y\n{rest}'.encode())
    assert len(rows) == 501
    assert problems == [(2, "A quotation mark is missing or stands in a wrong place.")]


def test_characters_that_cannot_be_read_cost_their_row() -> None:
    good = "".join(f"無法辨識{number},x\n" for number in range(20)).encode()
    rows, problems = read(b"a,b\n" + good + b"\xff,x\n3,x\n")
    assert (len(rows), [line for line, _ in problems]) == (22, [22])


@pytest.mark.parametrize(
    ("bad", "why"),
    [(b"x" * 200_000, "far too long"), (b'"' + b"x,\n" * 60_000 + b'",2', "quotation mark")],
)
def test_a_huge_field_costs_its_row(bad: bytes, why: str) -> None:
    rows, problems = read(b"a,b\n1,x\n" + bad + b"\n2,x\n")
    assert rows[:2] == [["a", "b"], ["1", "x"]]
    assert rows[-1] == ["2", "x"]
    assert problems[0][0] == 3
    assert why in problems[0][1]


def test_a_long_line_in_an_open_quotation_is_named_too() -> None:
    rows, problems = read(b'a,b\n1,"y\n' + b"x" * 300_000 + b"\n2,x\n")
    assert rows == [["a", "b"], ["2", "x"]]
    assert [line for line, _ in problems] == [2, 3]


def test_nul_costs_its_row() -> None:
    rows, problems = read(b"a,b\n1,x\n2\0,x\n3,x\n")
    assert rows == [["a", "b"], ["1", "x"], ["3", "x"]]
    assert [line for line, _ in problems] == [3]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a\0b,c\n", "no CSV file"),
        (b"x" * 200_000, "no CSV file"),
        (b"," * 300, "301 columns|is empty"),
        (b"a," * 300, "301 columns"),
    ],
)
def test_what_is_no_table(data: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        CsvTable(io.BytesIO(data), "table.csv")


def test_a_table_is_read_in_constant_memory() -> None:
    line = "LYM11_SJTT0764_1_female,側面,無\n".encode("cp950")
    file = io.BytesIO(b"name,reason,note\n" + line * 30_000)
    tracemalloc.start()
    rows = sum(len(chunk) for chunk in CsvTable(file, "table.csv").chunks(1))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 30_000
    assert most < 4_000_000


def test_only_the_first_problems_are_kept() -> None:
    problems = Problems(most=3)
    for line in range(10):
        problems.add(line, "It has no {what}.", what="code")
    assert (problems.count, len(problems.first)) == (10, 3)
    assert str(problems.first[0]) == "It has no code."
