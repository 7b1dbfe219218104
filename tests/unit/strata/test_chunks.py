import numpy as np

from ml.strata.chunks import Chunk, draw_sample, pack, unpack
from ml.strata.config import StrataConfig
from ml.strata.grid import cell_count

CONFIG = StrataConfig(sample=50)


def chunk(first: int, count: int) -> Chunk:
    """Specimens whose colours are all their number."""
    numbers = np.arange(first, first + count)
    colours = np.broadcast_to(numbers[:, None, None], (count, cell_count(CONFIG), 3))
    return numbers, colours.astype(np.uint8)


def test_a_stored_chunk_is_the_same() -> None:
    numbers, colours = unpack(pack(*chunk(5, 7)))
    np.testing.assert_array_equal(numbers, np.arange(5, 12))
    np.testing.assert_array_equal(colours, chunk(5, 7)[1])
    assert unpack(pack(*chunk(0, 0)))[1].shape == (0, cell_count(CONFIG), 3)


def test_all_are_drawn_where_there_are_few() -> None:
    assert draw_sample([chunk(0, 20), chunk(20, 30)], CONFIG)[:, 0, 0].tolist() == list(range(50))


def test_every_chunk_has_its_share_of_the_sample() -> None:
    drawn = draw_sample((chunk(first, 40) for first in range(0, 240, 40)), CONFIG)[:, 0, 0]
    assert len(set(drawn.tolist())) == 50
    per_chunk = np.bincount(drawn // 40, minlength=6)
    assert per_chunk.min() >= 3


def test_the_same_chunks_give_the_same_sample() -> None:
    first, second = (draw_sample([chunk(0, 90), chunk(90, 90)], CONFIG) for _ in range(2))
    np.testing.assert_array_equal(first, second)
