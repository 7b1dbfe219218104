"""Tables that a decoder reads say the same as tables that are read here."""

import io
import json
import os
import signal

import pytest

from app.decoding.channel import Kind, Message
from app.decoding.decoder import Broken, Decoder
from app.errors import Refused
from app.services.csv_tables import ROWS_AT_ONCE, CsvTable
from app.services.tables import CHARACTERS_AT_ONCE, open_table

LONG = "名稱,原因\n" + "".join(f"蛾-{number},側面\n" for number in range(1200))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (LONG, "utf-8"),
        ("名稱,原因\n無法辨識,側面\n", "cp950"),
        ('a;b\n\n1;"two\nlines"\n"x;y\n3;4\n', "utf-16"),
        ("a,b\n" + "x" * 200_000 + ",y\n1,2\n", "utf-8"),
        ("a,b\n", "ascii"),
    ],
)
def test_a_table_is_the_same_in_a_decoder(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    here = CsvTable(io.BytesIO(data), "folder/list.csv")
    with open_table(io.BytesIO(data), "folder/list.csv") as table:
        assert (table.name, table.encoding) == ("list.csv", here.encoding)
        assert table.header == here.header
        for skip in (1, 0, 3):
            rows = [row for chunk in table.chunks(skip) for row in chunk]
            assert rows == list(here.rows(skip))
            assert table.sample(skip, most=2) == here.sample(skip, most=2)


def test_rows_come_many_at_a_time_and_long_ones_few() -> None:
    with open_table(io.BytesIO(LONG.encode()), "list.csv") as table:
        assert [len(chunk) for chunk in table.chunks(1)] == [ROWS_AT_ONCE, ROWS_AT_ONCE, 200]
    long_row = "x" * (CHARACTERS_AT_ONCE // 10) + ",y\n"
    with open_table(io.BytesIO(("a,b\n" + long_row * 25).encode()), "long.csv") as table:
        assert [len(chunk) for chunk in table.chunks(1)] == [10, 10, 5]


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "list.csv is empty"), (b"\x00\x01", "list.csv is no CSV file")]
)
def test_what_is_no_table_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason), open_table(io.BytesIO(data), "list.csv"):
        pass


def test_another_decoder_goes_on_where_one_has_died() -> None:
    rows = []
    with open_table(io.BytesIO(LONG.encode()), "list.csv") as table:
        for chunk in table.chunks(1):
            rows += [row.cells[0] for row in chunk]
            os.kill(table._opened.decoder.process.pid, signal.SIGKILL)
    assert rows == [f"蛾-{number}" for number in range(1200)]


@pytest.mark.parametrize("answer", [[[1, ["a", 2], ""]], {"rows": 3}, [[1, ["a"]]], "no"])
def test_rows_that_are_none_are_believed_by_nobody(
    monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    with open_table(io.BytesIO(b"a,b\n1,2\n"), "list.csv") as table:
        said = Message(Kind.ANSWER, json.dumps(answer).encode())
        monkeypatch.setattr(Decoder, "ask", lambda *_: iter([said]))
        with pytest.raises(Broken, match="made no sense"):
            table.sample()
