import itertools
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from ml.config import Draw, Sampling
from ml.squares import Groups
from ml.training.sampling import epoch_batches

BATCH = 8


def groups(count: int, hard: int = 0, strata: tuple[int, ...] = ()) -> Groups:
    """So many squares, the first ones hard; strata of the sizes given, the rest unknown."""
    plain = Groups.none(count)
    stratum = plain.stratum.copy()
    known = np.repeat(np.arange(len(strata)), strata)
    stratum[: len(known)] = known
    return Groups(np.arange(count) < hard, stratum, plain.source)


def draw(of: Groups, sampling: Sampling, *, least_steps: int = 6, seed: int = 0) -> Tensor:
    generator = Generator().manual_seed(seed)
    return epoch_batches(of, sampling, batch=BATCH, least_steps=least_steps, generator=generator)


def times(batches: Tensor, count: int) -> Tensor:
    return batches.flatten().bincount(minlength=count)


def only_hard(batches: Tensor, hard: int) -> Tensor:
    return batches[(batches < hard).all(dim=1)]


@pytest.mark.parametrize(("count", "steps"), [(1, 6), (3, 6), (48, 6), (100, 12)])
def test_random_has_its_least_steps_and_uses_every_square_evenly(count: int, steps: int) -> None:
    batches = draw(groups(count), Sampling())
    assert batches.shape == (steps, BATCH)
    assert times(batches, count).max() - times(batches, count).min() <= 1


@pytest.mark.parametrize(
    ("count", "hard", "factor", "extra"),
    [
        (100, 8, 1, 1),  # 12 steps go through nearly everything once: 8 draws
        (100, 8, 3, 3),
        (100, 40, 3, 14),
        (24, 4, 3, 3),  # 6 steps go through everything twice, and so 6 times through the hard
        (100, 1, 1, 1),  # at least one batch
    ],
)
@pytest.mark.parametrize("way", ["single", "multi", "mix"])
def test_the_hard_group_gets_batches_of_its_own(
    way: Draw, count: int, hard: int, factor: int, extra: int
) -> None:
    plain = draw(groups(count), Sampling())
    batches = draw(groups(count, hard), Sampling(way, factor))
    assert len(batches) == len(plain) + extra
    assert len(only_hard(batches, hard)) == extra
    assert times(batches, count)[hard:].min() >= times(plain, count)[hard:].min() - 1


@pytest.mark.parametrize(("way", "repeated"), [("single", 1.0), ("mix", 0.5), ("multi", 0.0)])
def test_single_repeats_one_square_and_multi_shows_several(way: Draw, repeated: float) -> None:
    batches = only_hard(draw(groups(200, 32), Sampling(way, 3)), 32)
    distinct = torch.tensor([len(one.unique()) for one in batches])
    assert len(batches) == 12
    assert (distinct == 1).float().mean() == repeated
    assert (distinct == BATCH).float().mean() >= 1 - repeated - 0.1


@pytest.mark.parametrize("way", get_args(Draw))
def test_without_a_hard_group_every_draw_is_random(way: Draw) -> None:
    assert torch.equal(draw(groups(30), Sampling(way, 3)), draw(groups(30), Sampling()))


def test_hard_batches_stand_anywhere_in_the_epoch() -> None:
    places = set()
    for seed in range(40):
        batches = draw(groups(100, 8), Sampling("multi", 1), seed=seed)
        places |= set((batches < 8).all(dim=1).nonzero().flatten().tolist())
    assert len(places) > 8


@pytest.mark.parametrize(
    ("minority", "expected"), [(0.0, (0.8, 0.15, 0.05)), (1.0, (1 / 3, 1 / 3, 1 / 3))]
)
def test_minority_draws_strata_more_evenly(minority: float, expected: tuple[float, ...]) -> None:
    sizes = (80, 15, 5)
    batches = draw(groups(100, strata=sizes), Sampling(minority=minority), least_steps=50)
    bounds = np.cumsum((0, *sizes))
    counted = times(batches, 100).numpy()
    shares = [counted[a:b].sum() / counted.sum() for a, b in itertools.pairwise(bounds)]
    assert shares == pytest.approx(expected, abs=0.01)


def test_minority_lies_between_alike_squares_and_alike_strata() -> None:
    counts = [
        int(times(draw(groups(100, strata=(90, 10)), Sampling(minority=m)), 100)[90:].sum())
        for m in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert counts == sorted(counts)
    assert len(set(counts)) == len(counts)


def test_squares_of_no_stratum_are_drawn_as_one() -> None:
    batches = draw(groups(60, strata=(10,)), Sampling(minority=1.0), least_steps=60)
    assert times(batches, 60)[10:].sum() / batches.numel() == pytest.approx(0.5, abs=0.01)


def test_within_a_stratum_squares_are_drawn_evenly() -> None:
    counted = times(draw(groups(60, strata=(50, 10)), Sampling(minority=1.0), least_steps=60), 60)
    assert counted[:50].max() - counted[:50].min() <= 1
    assert counted[50:].max() - counted[50:].min() <= 1


@pytest.mark.parametrize("way", get_args(Draw))
@pytest.mark.parametrize("minority", [0.0, 0.5])
def test_strata_set_no_order(way: Draw, minority: float) -> None:
    of = groups(400, 40, strata=(200, 200))
    batches = draw(of, Sampling(way, 1, minority))
    shares = [(one < 200).float().mean() for one in batches if (one >= 40).any()]
    # As many of a stratum in each batch as chance would have it: neither sorted nor dealt out.
    assert torch.stack(shares).var() == pytest.approx(0.25 / BATCH, rel=0.6)


@pytest.mark.parametrize("way", get_args(Draw))
@pytest.mark.parametrize("minority", [0.0, 0.5])
def test_the_generator_decides(way: Draw, minority: float) -> None:
    of, sampling = groups(50, 10, strata=(30, 10)), Sampling(way, 2, minority)
    before = torch.random.get_rng_state()
    assert torch.equal(draw(of, sampling, seed=3), draw(of, sampling, seed=3))
    assert not torch.equal(draw(of, sampling, seed=3), draw(of, sampling, seed=4))
    assert torch.equal(torch.random.get_rng_state(), before)
