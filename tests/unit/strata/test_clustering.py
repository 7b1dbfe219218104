"""Strata are the groups that are there, and say how far they are to be trusted."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from ml.errors import BadInput
from ml.imaging.drawn import draw_specimen
from ml.progress import Progress
from ml.strata.clustering import Strata, fit_strata
from ml.strata.config import StrataConfig
from ml.strata.grid import MISSING, Colours, brightness, cell_count, wing_colours
from ml.strata.stability import stability

CONFIG = StrataConfig(resamples=4)


def groups(
    count: int, each: int, noise: float = 6, seed: int = 0
) -> tuple[Colours, NDArray[np.int64]]:
    """Specimens in so many groups of like colours, and the group of each."""
    rng = np.random.default_rng(seed)
    middles = rng.uniform(30, 220, (count, cell_count(CONFIG), 3))
    truth = np.repeat(np.arange(count), each)
    colours = middles[truth] + rng.normal(0, noise, (len(truth), *middles.shape[1:]))
    return np.clip(colours, 0, 254).astype(np.uint8), truth


@pytest.mark.parametrize("count", [6, 7, 9])
def test_as_many_strata_are_made_as_there_are_groups(count: int) -> None:
    colours, truth = groups(count, 20)
    strata, trials = fit_strata(colours, CONFIG)
    assert strata.count == count
    assert adjusted_rand_score(truth, strata.assign(colours)) == 1
    assert max(trials, key=lambda trial: trial.overall).count == count
    assert trials[0].count == CONFIG.fewest


def test_strata_of_drawn_specimens_follow_their_palettes_above_chance() -> None:
    specimens = [draw_specimen(seed, width=200, height=140) for seed in range(60)]
    colours = np.stack([wing_colours(each.pixels, each.mask, CONFIG) for each in specimens])
    strata, _ = fit_strata(colours, CONFIG)
    wings = np.array([each.wing for each in specimens])
    found = adjusted_rand_score(wings, strata.assign(colours))
    rng = np.random.default_rng(0)
    chance = [
        adjusted_rand_score(rng.permutation(wings), strata.assign(colours)) for _ in range(50)
    ]
    assert found > max(chance) + 0.05


def test_numbers_go_from_dark_to_pale() -> None:
    colours, _ = groups(6, 15)
    colours[..., 2] = (colours[..., 2] * np.linspace(0.3, 1, 90)[:, None]).astype(np.uint8)
    strata, _ = fit_strata(colours, CONFIG)
    numbers, light = strata.assign(colours), brightness(colours)
    means = [light[numbers == number].mean() for number in range(1, strata.count + 1)]
    assert means == sorted(means)


def test_a_specimen_that_comes_later_joins_the_nearest() -> None:
    colours, truth = groups(6, 30)
    later = np.arange(len(colours)) % 3 == 0
    strata, _ = fit_strata(colours[~later], CONFIG)
    known = {truth[~later][i]: number for i, number in enumerate(strata.assign(colours[~later]))}
    assert strata.assign(colours[later]).tolist() == [known[group] for group in truth[later]]


def test_gaps_do_not_move_a_specimen() -> None:
    colours, _ = groups(6, 20)
    strata, _ = fit_strata(colours, CONFIG)
    gaps = colours.copy()
    gaps[np.random.default_rng(1).random(colours.shape[:2]) < 0.3] = MISSING
    assert np.mean(strata.assign(gaps) == strata.assign(colours)) > 0.97


def test_without_any_colour_there_is_no_stratum() -> None:
    colours, _ = groups(6, 10)
    strata, _ = fit_strata(colours, CONFIG)
    assert strata.assign(np.full((1, *colours.shape[1:]), MISSING, np.uint8)).tolist() == [0]


def test_stored_strata_are_the_same() -> None:
    colours, _ = groups(6, 10)
    strata, _ = fit_strata(colours, CONFIG)
    stored = Strata.from_bytes(strata.to_bytes())
    np.testing.assert_array_equal(stored.assign(colours), strata.assign(colours))
    assert stored.to_bytes() == strata.to_bytes()


def test_the_same_specimens_give_the_same_strata() -> None:
    colours, _ = groups(7, 12, noise=60)
    assert fit_strata(colours, CONFIG)[0].to_bytes() == fit_strata(colours, CONFIG)[0].to_bytes()


def test_groups_are_stable_and_noise_is_not() -> None:
    colours, _ = groups(6, 20)
    strata, _ = fit_strata(colours, CONFIG)
    firm = stability(colours, strata, CONFIG)
    assert firm.agreement > 0.95
    assert min(firm.strata) > 0.95
    noise = np.random.default_rng(0).integers(0, 250, colours.shape).astype(np.uint8)
    strata, _ = fit_strata(noise, CONFIG)
    loose = stability(noise, strata, CONFIG)
    assert loose.agreement < 0.3
    assert np.mean(loose.strata) < 0.6
    assert len(loose.strata) == strata.count


def test_stability_tells_how_far_it_is() -> None:
    colours, _ = groups(6, 10)
    told: list[Progress] = []
    strata, _ = fit_strata(colours, CONFIG)
    stability(colours, strata, CONFIG, told.append)
    assert [(each.done, each.total) for each in told] == [(0, 4), (1, 4), (2, 4), (3, 4)]


def test_too_few_specimens_are_refused() -> None:
    colours, _ = groups(6, 4)
    with pytest.raises(BadInput, match="at least 30 specimens with a crop, and there are 24"):
        fit_strata(colours, CONFIG)


def test_specimens_that_look_the_same_are_refused() -> None:
    colours, _ = groups(1, 40, noise=0)
    with pytest.raises(BadInput, match="too much alike to make 6 strata"):
        fit_strata(colours, CONFIG)


def test_specimens_without_a_cell_in_common_are_refused() -> None:
    colours, _ = groups(6, 10)
    colours[np.random.default_rng(0).random(colours.shape[:2]) < 0.8] = MISSING
    with pytest.raises(BadInput, match="too different in shape"):
        fit_strata(colours, replace(CONFIG, present=0.6))


def test_two_cells_in_common_are_enough() -> None:
    colours, _ = groups(6, 10)
    colours[:, 2:] = MISSING
    assert fit_strata(colours, CONFIG)[0].count >= CONFIG.fewest
