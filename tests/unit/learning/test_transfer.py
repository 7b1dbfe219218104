import numpy as np
import pytest
import torch
from kornia.color import rgb_to_lab
from torch import Generator, Tensor

from ml.config import Augmentation
from ml.squares import Groups
from ml.training.augment import augment, split
from ml.training.transfer import draw_lenders, transfer
from tests.unit.learning.ellipses import draw_squares

NONE = Augmentation(0, 0, 0, 0, 0, 0, 0)


def of_sources(*sources: int) -> Groups:
    plain = Groups.none(len(sources))
    return Groups(plain.hard, plain.stratum, np.array(sources))


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def tinted(squares: Tensor, red: float, green: float, blue: float) -> Tensor:
    colour = torch.tensor([red, green, blue, 1.0])
    return (squares * colour).round().to(torch.uint8)


def lab(squares: Tensor) -> Tensor:
    found: Tensor = rgb_to_lab(squares[..., :3].permute(0, 3, 1, 2).float() / 255).flatten(2)
    return found


def with_bands(squares: Tensor, rows: int) -> Tensor:
    banded = squares.clone()
    for band in (slice(None, rows), slice(-rows, None)):
        banded[:, band, :, :3], banded[:, band, :, 3] = 255, 0
    return banded


def test_lenders_are_of_another_source() -> None:
    groups = of_sources(*[1] * 30, *[2] * 10, *[3] * 5)
    numbers = np.arange(45).repeat(20)
    lenders = draw_lenders(groups, numbers, 1.0, seeded())
    assert (groups.source[lenders] != groups.source[numbers]).all()
    assert set(lenders) == set(range(45))


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
def test_as_many_get_a_lender_as_the_chance_says(chance: float) -> None:
    numbers = np.arange(40).repeat(25)
    lenders = draw_lenders(of_sources(*[1] * 20, *[2] * 20), numbers, chance, seeded())
    assert (lenders != numbers).mean() == pytest.approx(chance, abs=0.05)


def test_a_lone_source_lends_nothing() -> None:
    numbers = np.arange(8)
    assert (draw_lenders(of_sources(*[4] * 8), numbers, 1.0, seeded()) == numbers).all()


def test_the_generator_draws_the_lenders() -> None:
    groups, numbers = of_sources(*[1] * 20, *[2] * 20), np.arange(40)
    first, same, other = (draw_lenders(groups, numbers, 0.5, seeded(s)) for s in (1, 1, 2))
    assert (first == same).all()
    assert (first != other).any()


def test_the_colours_become_those_of_the_lender() -> None:
    squares = draw_squares(3)
    lenders = tinted(draw_squares(3, first_seed=50), 0.8, 0.7, 0.5)
    after = transfer(squares, lenders)
    before, now, wanted = (lab(each).mean(dim=2) for each in (squares, after, lenders))
    assert (now - wanted).norm(dim=1).max() < 0.2 * (before - wanted).norm(dim=1).min()
    spread = [lab(each).std(dim=2)[:, 0] for each in (after, lenders)]
    torch.testing.assert_close(*spread, rtol=0.2, atol=0)


def test_masks_bands_and_who_is_its_own_lender_stay() -> None:
    squares = with_bands(draw_squares(3), 6)
    lenders = tinted(draw_squares(3, first_seed=50), 0.6, 0.9, 0.9)
    lenders[1] = squares[1]
    after = transfer(squares, lenders)
    assert torch.equal(after[..., 3], squares[..., 3])
    assert (after[:, :6, :, :3] == 255).all()
    assert torch.equal(after[1], squares[1])
    assert not torch.equal(after[0], squares[0])


def test_bands_of_the_lender_lend_nothing() -> None:
    squares, lenders = draw_squares(2), tinted(draw_squares(2, first_seed=50), 0.8, 0.7, 0.5)
    rows = 8
    inner = lenders[:, rows:-rows, :].clone()
    banded = transfer(squares, with_bands(lenders, rows))
    wanted = lab(inner).mean(dim=2)
    torch.testing.assert_close(lab(banded).mean(dim=2), wanted, atol=3.0, rtol=0)


def test_a_plain_ground_does_not_take_all_contrast() -> None:
    squares, lenders = draw_squares(2), draw_squares(2)
    lenders[..., :3] = 120
    after = lab(transfer(squares, lenders)).std(dim=2)[:, 0]
    assert (after >= 0.45 * lab(squares).std(dim=2)[:, 0]).all()


def test_augmenting_takes_the_lenders_light_and_moves_it_with_the_square() -> None:
    squares, lenders = draw_squares(2), tinted(draw_squares(2, first_seed=50), 0.8, 0.7, 0.5)
    pictures, truth = augment(squares, NONE, seeded(), lenders)
    wanted = split(transfer(squares, lenders))
    torch.testing.assert_close(pictures, wanted[0], atol=1e-4, rtol=0)
    assert torch.equal(truth, wanted[1])
