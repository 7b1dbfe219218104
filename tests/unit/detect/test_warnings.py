"""What about a box deserves a look."""

import pytest

from ml.detect.warnings import doubt_of, warnings_of
from ml.imaging.boxes import Box
from ml.imaging.drawn import DrawnSpecimen, draw_specimen


@pytest.fixture(scope="module")
def drawn() -> DrawnSpecimen:
    return next(here for here in map(draw_specimen, range(20)) if len(here.beside) > 2)


def enlarged(drawn: DrawnSpecimen, by: float) -> Box:
    height, width = drawn.mask.shape
    return drawn.box.grown(by, by, by).clamped(width, height)


def test_a_good_box_needs_no_look(drawn: DrawnSpecimen) -> None:
    assert warnings_of(drawn.pixels, enlarged(drawn, 0.1), drawn.box, 0.9) == []


@pytest.mark.parametrize(
    ("confidence", "detector", "unsure"),
    [
        (0.6, "shipped", False),
        (0.4, "shipped", True),
        (0.6, "fallback", True),
        (None, "", False),
    ],
)
def test_each_kind_of_detector_is_doubted_on_its_own_scale(
    drawn: DrawnSpecimen, confidence: float | None, detector: str, unsure: bool
) -> None:
    crop = enlarged(drawn, 0.1)
    warned = warnings_of(drawn.pixels, crop, drawn.box, confidence, detector=detector)
    assert ("unsure" in warned) == unsure


def test_a_box_at_the_edge_of_the_photograph_may_cut_wings(drawn: DrawnSpecimen) -> None:
    cut = drawn.pixels[:, drawn.box.left + 30 :]
    found = Box(0, drawn.box.top, drawn.box.width - 30, drawn.box.bottom)
    assert "touches-border" in warnings_of(cut, found, found, 0.9)


def test_what_is_straight_beside_the_specimen_is_seen() -> None:
    """Of things that take a hundredth of the crop and more, nearly all; without any, none."""
    seen, with_thing, wrong = 0, 0, 0
    for seed in range(12):
        drawn = draw_specimen(seed, width=640, height=455)
        for by in (0.1, 0.9):
            crop = enlarged(drawn, by)
            share = max((b.shared(crop).area / crop.area for b in drawn.beside), default=0)
            warned = "ruler-or-card" in warnings_of(drawn.pixels, crop, drawn.box, 0.9)
            with_thing += share > 0.01
            seen += share > 0.01 and warned
            wrong += share == 0 and warned
    assert with_thing > 5
    assert seen >= 0.7 * with_thing
    assert wrong == 0


def test_doubt_is_less_trust_with_every_warning() -> None:
    doubts = [
        doubt_of(1.0, []),
        doubt_of(0.9, []),
        doubt_of(0.9, ["touches-border"]),
        doubt_of(0.9, ["touches-border", "ruler-or-card", "unsure", "aspect"]),
        doubt_of(0.0, []),
    ]
    assert doubts == sorted(doubts)
    assert (doubts[0], doubts[-1]) == (0.0, 1.0)
    assert doubt_of(None, []) == 0.5
    assert doubt_of(0.9, ["something-newer"]) == doubt_of(0.9, [])
