"""Damaged files of every kind are read or refused; `benchmarks.reader_fuzzing` tries for longer."""

import pytest

from benchmarks.reader_fuzzing import READERS, fuzz


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_read_or_refused(name: str) -> None:
    found = fuzz(READERS[name], files=40, seed=20261121)
    assert (found.files, dict(found.broken)) == (40, {})


def test_damage_is_damage() -> None:
    found = fuzz(READERS["mask of ours"], files=40, seed=20261121)
    assert found.refused > 20
