import numpy as np

from ml.imaging.fills import BLUE
from ml.strata.confounding import association_with_source
from ml.strata.sheet import COLUMNS, TILE, sheet, tile
from tests.factories import moth_mask, moth_pixels


def test_a_tile_shows_the_specimen_alone() -> None:
    shown = tile(moth_pixels(1), moth_mask())
    assert shown.shape == (TILE, TILE, 3)
    blue = (shown == BLUE).all(axis=2)
    assert blue[0, 0]
    assert not blue[TILE // 2, 5 : TILE - 5].any()  # it fills the tile from side to side


def test_a_tile_without_mask_shows_everything() -> None:
    whole = tile(moth_pixels(1), None)
    np.testing.assert_array_equal(whole, tile(moth_pixels(1), np.zeros_like(moth_mask())))
    assert (whole[TILE // 2, 2] > 200).all()


def test_a_sheet_has_a_place_for_each_tile() -> None:
    tiles = [np.full((TILE, TILE, 3), index, np.uint8) for index in range(COLUMNS + 1)]
    whole = sheet(tiles)
    assert {int(value) for value in np.unique(whole[..., 0])} >= set(range(COLUMNS + 1))
    assert whole.shape[0] > 2 * TILE
    assert sheet(tiles[:1]).shape == (TILE, whole.shape[1], 3)


def test_strata_that_are_the_sources_are_wholly_confounded() -> None:
    assert association_with_source(np.diag([10, 20, 30])) == 1


def test_strata_that_have_nothing_to_do_with_the_source_are_not() -> None:
    assert association_with_source(np.outer([10, 20, 30], [1, 2])) == 0


def test_one_source_alone_says_nothing() -> None:
    assert association_with_source(np.array([[3, 0], [4, 0]])) is None
