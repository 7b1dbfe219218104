"""What the fitted background leaves over."""

import numpy as np
import pytest

from ml.detect.background import background_difference
from ml.imaging.arrays import Colour, Pixels

SIDE = 200


def tray(colour: Colour = (190, 185, 170), falloff: float = 0.0) -> Pixels:
    """A tray whose light falls off towards the lower right corner."""
    ramp = np.add.outer(np.linspace(0, 1, SIDE), np.linspace(0, 1, SIDE)) / 2
    return (np.array(colour) * (1 - falloff * ramp[..., None])).astype(np.uint8)


@pytest.mark.parametrize("falloff", [0.0, 0.15, 0.3])
def test_uneven_light_is_background(falloff: float) -> None:
    assert background_difference(tray(falloff=falloff)).max() < 1.5


@pytest.mark.parametrize("colour", [(40, 30, 25), (250, 250, 250), (200, 120, 40)])
def test_a_large_thing_stands_out_and_the_rest_does_not(colour: Colour) -> None:
    picture = tray(falloff=0.2)
    picture[50:150, 40:160] = colour
    difference = background_difference(picture)
    assert difference[60:140, 50:150].min() > 8
    assert difference[:40].max() < 2


def test_what_covers_a_side_of_the_picture_is_no_background() -> None:
    picture = tray(falloff=0.2)
    picture[:, :50] = (20, 20, 20)
    difference = background_difference(picture)
    assert difference[:, :40].min() > 25
    assert difference[:, 60:].max() < 2


def test_a_shadow_counts_less_than_a_colour() -> None:
    picture = tray()
    picture[50:90, 50:90] = (picture[50:90, 50:90] * 0.8).astype(np.uint8)
    picture[110:150, 50:90] = (200, 165, 150)
    difference = background_difference(picture)
    assert difference[60:80, 60:80].mean() < 0.7 * difference[120:140, 60:80].mean()
