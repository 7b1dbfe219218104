"""Colours of many specimens, stored by the chunk and drawn from without loading all of them."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from ml.strata.config import StrataConfig
from ml.strata.grid import Colours, cell_count

Chunk = tuple[NDArray[np.int64], Colours]
"""Numbers of specimens, (n,) int64, and their colours, (n, cells, 3) uint8."""


def pack(numbers: NDArray[np.int64], colours: Colours) -> bytes:
    """Return a chunk as safetensors; numbers (n,) int64, colours (n, cells, 3) uint8."""
    return bytes(save({"numbers": numbers, "colours": np.ascontiguousarray(colours)}))


def unpack(data: bytes) -> Chunk:
    """Return the chunk that ``pack`` wrote."""
    arrays = load(data)
    return arrays["numbers"], arrays["colours"]


def draw_sample(chunks: Iterable[Chunk], config: StrataConfig) -> Colours:
    """Return the colours of ``config.sample`` specimens at random, or of all if there are fewer.

    One chunk is held in memory beside the sample. The same chunks and seed give the same sample.
    """
    rng = np.random.default_rng(config.seed)
    drawn, lots = np.empty((0, cell_count(config), 3), np.uint8), np.empty(0)
    for _, colours in chunks:
        drawn = np.concatenate((drawn, colours))
        lots = np.concatenate((lots, rng.random(len(colours))))
        kept = np.sort(np.argsort(lots, kind="stable")[: config.sample])
        drawn, lots = drawn[kept], lots[kept]
    return drawn
