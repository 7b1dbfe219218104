"""What a file does to a decoder stays there; the next file is read as if nothing had been."""

import io
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app.decoding.decoder import Broken, Limits
from app.decoding.pool import Decoders
from app.errors import Refused
from tests.unit.decoding.trouble import Trouble


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    made = Decoders(Limits(megabytes=500, seconds=3), most=2)
    yield made
    made.close()


def still_work(decoders: Decoders) -> bool:
    with decoders.opened(Trouble, b"") as opened:
        picture = opened.array("picture", (2, 3), height=2, width=3)
        return bool((picture == [[0, 1, 2], [3, 4, 5]]).all())


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ("crash", "The file broke the program that reads it (SIGSEGV). "),
        ("sleep", "Reading the file took longer than 3 seconds and was stopped. "),
        ("fill", "Reading the file takes more than 500 MB of memory. "),
        ("hidden", "Reading the file takes more than 500 MB of memory. "),
    ],
)
def test_what_a_file_does_is_a_sentence(decoders: Decoders, method: str, sentence: str) -> None:
    with pytest.raises(Refused) as refusal, decoders.opened(Trouble, b"") as opened:
        opened.ask(method)

    assert str(refusal.value).startswith(sentence)
    assert still_work(decoders)


def test_a_file_that_cannot_even_be_opened(decoders: Decoders) -> None:
    with pytest.raises(Broken, match="SIGSEGV"), decoders.opened(Trouble, b"at once"):
        pass
    assert still_work(decoders)


@pytest.mark.parametrize(
    ("method", "shape"), [("picture", (3, 2)), ("lies", (1 << 40,)), ("lies", None)]
)
def test_pixels_of_another_size_are_not_believed(
    decoders: Decoders, method: str, shape: tuple[int, ...] | None
) -> None:
    wanted = {"height": 2, "width": 3} if method == "picture" else {}
    with pytest.raises(Broken, match="no sense"), decoders.opened(Trouble, b"") as opened:
        opened.array(method, shape, **wanted)
    assert still_work(decoders)


def test_a_decoder_that_somebody_kills_costs_nobody_a_file(decoders: Decoders) -> None:
    with decoders.opened(Trouble, b"") as opened:
        os.kill(opened.about, signal.SIGKILL)
        assert opened.ask("open_files")
    with decoders.opened(Trouble, b"") as opened:
        waiting = opened.about
    os.kill(waiting, signal.SIGKILL)
    assert still_work(decoders)


def test_files_follow_each_other_in_one_decoder_and_side_by_side_in_two(decoders: Decoders) -> None:
    both = threading.Barrier(2)

    def process_of(_number: int) -> int:
        with decoders.opened(Trouble, b"") as opened:
            both.wait(20)
            return int(opened.about)

    with ThreadPoolExecutor(2) as pool:
        first = set(pool.map(process_of, range(2)))
        second = set(pool.map(process_of, range(2)))

    assert len(first) == 2
    assert first == second


def test_a_decoder_knows_no_secret_and_no_other_file(
    decoders: Decoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTHMASK_TOKEN", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with decoders.opened(Trouble, b"") as opened:
        environment, files = opened.ask("environment"), opened.ask("open_files")

    assert "secret" not in environment.values()
    assert [name for name in files if "socket" not in name and "memfd" not in name] == []


def test_pieces_come_one_after_the_other_and_may_be_left(decoders: Decoders) -> None:
    with decoders.opened(Trouble, b"") as opened:
        assert list(opened.pieces("count", most=3)) == [b"0", b"1", b"2"]
        assert next(opened.pieces("count", most=1_000_000)) == b"0"
    assert still_work(decoders)


def test_a_file_without_a_descriptor_is_read_as_well(decoders: Decoders) -> None:
    with decoders.opened(Trouble, io.BytesIO(b"moth")) as opened:
        assert opened.array("picture", (1, 1), height=1, width=1).dtype == np.uint8
