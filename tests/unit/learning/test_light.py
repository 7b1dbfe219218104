from dataclasses import replace

import pytest
import torch
from torch import Generator, Tensor

from ml.config import Augmentation
from ml.training.augment import augment
from ml.training.light import relight
from tests.unit.learning.ellipses import draw_squares

NONE = Augmentation(0, 0, 0, 0, 0, 0, 0)
EACH = {
    "brightness": replace(NONE, brightness=0.1),
    "contrast": replace(NONE, contrast=0.2),
    "dropout": replace(NONE, dropout=1.0),
    "channels": replace(NONE, channels=0.2),
    "hue and saturation": replace(NONE, hue_saturation=0.2),
    "equalise": replace(NONE, equalise=1.0),
    "noise": replace(NONE, noise=0.2),
    "cut-out": replace(NONE, cutout=1.0),
    "compression": replace(NONE, compression=1.0),
    "blur": replace(NONE, blur=1.0),
    "sharpen": replace(NONE, sharpen=1.0),
}
ALL = Augmentation(
    dropout=0.5,
    channels=0.2,
    hue_saturation=0.2,
    equalise=0.5,
    noise=0.2,
    cutout=0.5,
    compression=0.5,
    blur=0.5,
    sharpen=0.5,
)


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def pictures(count: int = 4, side: int = 48) -> Tensor:
    """Ellipses on speckled ground, as networks take them."""
    return augment(draw_squares(count, side), NONE, seeded())[0]


def plain(*colour: float, count: int = 200) -> Tensor:
    """One colour, of which 1 is white."""
    return 1 - torch.tensor(colour).view(1, 3, 1, 1).expand(count, 3, 8, 8)


def seen(config: Augmentation, of: Tensor, seed: int = 0) -> Tensor:
    """Light after a change: 1 for white."""
    return 1 - relight(of, config, seeded(seed))


@pytest.mark.parametrize("config", [*EACH.values(), ALL], ids=[*EACH, "all"])
def test_each_change_changes_the_light_alone_and_stays_in_range(config: Augmentation) -> None:
    squares = draw_squares(4)
    before, truth = augment(squares, NONE, seeded())
    after, same = augment(squares, replace(config, **GEOMETRY_OFF), seeded())
    assert torch.equal(truth, same)
    assert (after - before).abs().max() > 0.02
    assert after.min() >= 0
    assert after.max() <= 1


GEOMETRY_OFF = {"flip": 0.0, "rotation": 0.0, "shear": 0.0, "scale": 0.0, "shift": 0.0}


@pytest.mark.parametrize("config", [*EACH.values(), ALL], ids=[*EACH, "all"])
def test_the_generator_decides_and_nothing_else(config: Augmentation) -> None:
    of, before = pictures(), torch.random.get_rng_state()
    first, same, other = (relight(of, config, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_what_is_left_out_draws_nothing() -> None:
    generator, before = seeded(), seeded().get_state()
    of = pictures()
    torch.testing.assert_close(relight(of, NONE, generator), of)
    assert torch.equal(generator.get_state(), before)


@pytest.mark.parametrize(
    "name", ["dropout", "equalise", "cutout", "compression", "blur", "sharpen"]
)
def test_a_chance_is_how_many_pictures_change(name: str) -> None:
    of = pictures(1, 16).expand(300, -1, -1, -1)
    after = relight(of, replace(NONE, **{name: 0.3}), seeded())
    changed = (after - of).abs().flatten(1).amax(dim=1) > 1e-5
    assert changed.float().mean() == pytest.approx(0.3, abs=0.08)


def test_channels_go_from_less_to_half_as_much_more() -> None:
    """White wings would lose their edge: the upper limit is low, as the lab's 0.8–1.1."""
    factors = seen(replace(NONE, channels=0.2), plain(0.5, 0.5, 0.5))[:, :, 0, 0] / 0.5
    assert 0.8 <= factors.min() < 0.81
    assert 1.09 < factors.max() <= 1.1
    assert factors.std(dim=1).mean() > 0.05  # each channel by its own


def test_brightness_goes_from_less_to_half_as_much_more() -> None:
    more = seen(replace(NONE, brightness=0.1), plain(0.5, 0.5, 0.5))[:, 0, 0, 0] - 0.5
    assert -0.1 <= more.min() < -0.095
    assert 0.045 < more.max() <= 0.05


def test_turning_hues_leaves_greys_and_how_light_things_are() -> None:
    config = replace(NONE, hue_saturation=0.2)
    torch.testing.assert_close(
        seen(config, plain(0.7, 0.7, 0.7)), 1 - plain(0.7, 0.7, 0.7), atol=1e-4, rtol=0
    )
    light = torch.tensor([0.299, 0.587, 0.114])
    brown = seen(config, plain(0.5, 0.35, 0.2))[:, :, 0, 0]
    torch.testing.assert_close(brown @ light, torch.full((200,), 0.3777), atol=2e-3, rtol=0)
    assert brown.std(dim=0).min() > 0.005


def test_equalising_spreads_what_is_narrow() -> None:
    of = 0.4 + 0.2 * pictures(1, 48).expand(20, -1, -1, -1)
    spread = relight(of, replace(NONE, equalise=1.0), seeded()).flatten(1).std(dim=1)
    assert spread.max() > 2 * of[0].std()
    assert (spread >= of[0].std() - 1e-4).all()  # blended: never less than it was


def test_noise_has_at_most_its_deviation_and_half_the_pictures_have_none() -> None:
    noisy = seen(replace(NONE, noise=0.2), plain(0.5, 0.5, 0.5, count=400).repeat(1, 1, 4, 4))
    deviation = noisy.flatten(1).std(dim=1)
    assert deviation.max() == pytest.approx(0.2, abs=0.02)
    assert (deviation == 0).float().mean() == pytest.approx(0.5, abs=0.08)


def test_blurring_smooths_and_sharpening_roughens() -> None:
    of = pictures(8)
    rough = [
        relight(of, config, seeded()).diff(dim=3).abs().mean()
        for config in (EACH["blur"], NONE, EACH["sharpen"])
    ]
    assert rough[0] < 0.8 * rough[1]
    assert rough[2] > 1.2 * rough[1]


def test_compression_leaves_the_picture_but_not_its_fine_noise() -> None:
    of = pictures(8)
    after = relight(of, EACH["compression"], seeded())
    assert (after - of).abs().mean() < 0.08
    # What a file holds least of is the highest frequencies.
    assert (
        after.diff(dim=3).diff(dim=3).abs().mean() < 0.9 * of.diff(dim=3).diff(dim=3).abs().mean()
    )


def test_dropout_blanks_a_few_cells_to_black() -> None:
    light = seen(EACH["dropout"], plain(0.5, 0.5, 0.5).repeat(1, 1, 4, 4))
    assert set(light.flatten().tolist()) == {0.0, 0.5}
    share = (light == 0).float().mean(dim=(1, 2, 3))
    assert share.mean() == pytest.approx(0.06, abs=0.01)
    assert share.max() < 0.2


def test_cut_outs_are_black_and_white_rectangles() -> None:
    light = seen(EACH["cut-out"], plain(0.5, 0.5, 0.5).repeat(1, 1, 4, 4))
    assert set(light.flatten().tolist()) == {0.0, 0.5, 1.0}
    covered = (light != 0.5).float().mean(dim=(1, 2, 3))
    assert covered.max() <= 3 * 0.25**2
    assert 0.005 < covered.mean() < 0.06


def test_company_does_not_change_how_a_picture_is_relit() -> None:
    """Operations that only some pictures drew put each result back in its own place."""
    of = pictures(6)
    config = replace(ALL, noise=0.0)
    whole = relight(of, config, seeded(5))
    others = of.clone()
    others[3] = 0.5
    apart = relight(others, config, seeded(5))
    for index in (0, 1, 2, 4, 5):
        torch.testing.assert_close(whole[index], apart[index], atol=1e-5, rtol=0)
