"""Proposals on drawn specimens, whose true masks are known."""

from functools import cache

import numpy as np
import pytest

from ml.imaging.arrays import Mask, Pixels
from ml.imaging.drawn import draw_specimen
from ml.metrics.overlap import dice
from ml.progress import Progress
from ml.propose.border import border_distance, border_mask
from ml.propose.grabcut import grabcut_mask, regrown_mask, wide_grabcut_mask
from ml.propose.kanezaki import KanezakiConfig, kanezaki_blocks
from ml.propose.portfolio import PORTFOLIO
from ml.propose.proposals import Proposal, add_kanezaki, cheap_proposals, wants_more

QUICK = KanezakiConfig(side=64, channels=12, max_iter=8)
SEEDS = range(40, 44)


@cache
def crop(seed: int, width: int = 300, height: int = 213) -> tuple[Pixels, Mask]:
    drawn = draw_specimen(seed, width=width, height=height)
    box = drawn.box.grown(0.1, 0.1, 0.1).clamped(width, height)
    return box.cut(drawn.pixels), box.cut(drawn.mask)


@cache
def proposed(seed: int) -> list[Proposal]:
    return cheap_proposals(crop(seed)[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_proposal_is_nearly_the_true_mask(seed: int) -> None:
    _, truth = crop(seed)
    first = proposed(seed)[0]
    assert first.mask.shape == truth.shape
    assert set(np.unique(first.mask)) == {0, 255}
    assert dice(first.mask, truth) > 0.9


def test_a_large_crop_gets_masks_of_its_own_size() -> None:
    pixels, truth = crop(41, 1200, 853)
    first = cheap_proposals(pixels)[0]
    assert first.mask.shape == truth.shape
    assert dice(first.mask, truth) > 0.95


def test_every_method_is_named_once() -> None:
    ranked = proposed(40)
    names = [name for proposal in ranked for name in (proposal.method, *proposal.agreeing)]
    assert sorted(names) == sorted(set(names))
    assert set(names) <= {member.name for stage in PORTFOLIO for member in stage}


def test_the_same_crop_gives_the_same_proposals() -> None:
    again = cheap_proposals(crop(42)[0])
    assert [(p.method, p.score) for p in again] == [(p.method, p.score) for p in proposed(42)]


@pytest.mark.parametrize(
    ("size", "working"), [((2, 2), (2, 2)), ((3, 40), (3, 40)), ((200, 300), (43, 64))]
)
def test_an_even_picture_has_no_proposals_and_wants_more(
    size: tuple[int, int], working: tuple[int, int]
) -> None:
    pixels = np.full((*size, 3), 120, np.uint8)
    assert cheap_proposals(pixels) == []
    assert wants_more([])
    outcome = add_kanezaki(pixels, [], config=QUICK)
    assert outcome.blocks.shape == working


def test_more_is_wanted_only_where_the_best_is_doubtful() -> None:
    mask = np.full((4, 4), 255, np.uint8)
    assert wants_more([Proposal("border", mask, 0.4)])
    assert not wants_more([Proposal("grabcut", mask, 0.97), Proposal("border", mask, 0.4)])


def test_kanezaki_joins_the_others_and_leaves_its_blocks() -> None:
    pixels, truth = crop(40)
    ranked = proposed(40)
    seen: list[Progress] = []
    outcome = add_kanezaki(pixels, ranked, config=QUICK, on_progress=seen.append)
    names = {name for p in outcome.ranked for name in (p.method, *p.agreeing)}
    assert names >= {name for p in ranked for name in (p.method, *p.agreeing)}
    assert outcome.blocks.dtype == np.int32
    assert list(np.unique(outcome.blocks)) == list(range(outcome.blocks.max() + 1))
    assert all(proposal.mask.shape == truth.shape for proposal in outcome.ranked)
    assert 1 <= len(seen) <= QUICK.max_iter
    assert all(report.total == QUICK.max_iter for report in seen)


def test_a_raise_in_the_report_stops_kanezaki() -> None:
    def cancel(_progress: Progress) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        add_kanezaki(crop(40)[0], [], config=QUICK, on_progress=cancel)


def test_kanezaki_depends_on_nothing_but_picture_and_seed() -> None:
    pixels = crop(40)[0][::2, ::2].copy()
    first = kanezaki_blocks(pixels, QUICK, seed=3)
    assert np.array_equal(first, kanezaki_blocks(pixels, QUICK, seed=3))


def test_uneven_light_is_no_distance_from_the_border() -> None:
    light = np.linspace(120, 180, 200)[None, :, None] + np.linspace(0, 30, 150)[:, None, None]
    pixels = np.repeat(light, 3, axis=2).astype(np.uint8)
    pixels[50:100, 60:140] = (60, 40, 20)
    distance = border_distance(pixels)
    assert distance[10, 10] < 3
    assert distance[140, 190] < 3
    assert distance[75, 100] > 30
    assert border_mask(pixels)[75, 100] == 255


def test_the_wide_border_gives_back_what_it_took_from_the_wings() -> None:
    pixels, truth = crop(40)
    assert dice(wide_grabcut_mask(pixels), truth) > 0.9


def test_regrowing_mends_a_coarse_start() -> None:
    pixels, truth = crop(40)
    start = truth.copy()
    start[:, : truth.shape[1] // 4] = 0
    assert dice(regrown_mask(pixels, start), truth) > dice(start, truth)


def test_grabcut_does_not_touch_the_border() -> None:
    mask = grabcut_mask(crop(40)[0])
    assert not np.concatenate((mask[0], mask[-1], mask[:, 0], mask[:, -1])).any()


def test_a_crop_of_one_pixel_has_no_proposals_and_one_block() -> None:
    pixel = np.full((1, 1, 3), 90, np.uint8)
    assert cheap_proposals(pixel) == []
    outcome = add_kanezaki(pixel, [])
    assert outcome.ranked == []
    assert outcome.blocks.tolist() == [[0]]
