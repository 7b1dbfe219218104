import threading
from collections.abc import Iterator

import pytest

from ml.prediction.ahead import ahead


def test_everything_comes_in_its_order() -> None:
    assert list(ahead(range(50))) == list(range(50))
    assert list(ahead([])) == []


def test_the_next_is_made_while_the_present_one_is_used_and_no_further() -> None:
    made: list[int] = []
    second = threading.Event()

    def numbers() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    items = ahead(numbers())
    assert next(items) == 0
    assert second.wait(timeout=10)
    assert next(items) == 1
    assert max(made) <= 2


def test_what_goes_wrong_is_raised_where_it_is_used() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(ValueError, match="broken"):
        next(items)
