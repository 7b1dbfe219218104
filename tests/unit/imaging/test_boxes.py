import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import UnusableMask
from ml.imaging.boxes import Box

corners = st.integers(-50, 50)
sizes = st.integers(1, 60)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), corners, corners, sizes, sizes)


def test_size_and_area() -> None:
    box = Box(2, 3, 12, 8)

    assert (box.width, box.height, box.area) == (10, 5, 50)


def test_around_is_tight_and_its_cut_holds_the_whole_mask() -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[10, 20] = mask[30, 25] = 255

    box = Box.around(mask)

    assert box == Box(20, 10, 26, 31)
    assert box.cut(mask).sum() == mask.sum()


def test_around_an_empty_mask_is_refused() -> None:
    with pytest.raises(UnusableMask, match="The mask is empty"):
        Box.around(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize(
    ("scales", "expected"),
    [
        ((0, 0, 0), Box(100, 100, 200, 160)),
        ((0.1, 0, 0), Box(95, 100, 205, 160)),
        ((0, 0.1, 0.2), Box(100, 97, 200, 166)),
        ((0.01, 0.01, 0.01), Box(99, 99, 201, 161)),
        ((0.2, 0.2, 0.2), Box(90, 94, 210, 166)),
        ((-0.1, 0, 0), Box(105, 100, 195, 160)),
    ],
)
def test_grown_about_the_centre_whole_pixels_outward(
    scales: tuple[float, float, float], expected: Box
) -> None:
    assert Box(100, 100, 200, 160).grown(*scales) == expected


@given(boxes, *[st.floats(0, 1)] * 3)
def test_shrunk_undoes_grown_but_for_a_pixel(box: Box, w: float, ht: float, hb: float) -> None:
    back = box.grown(w, ht, hb).shrunk(w, ht, hb)

    assert max(abs(back.left - box.left), abs(back.right - box.right)) <= 1
    assert max(abs(back.top - box.top), abs(back.bottom - box.bottom)) <= 1


@given(boxes, sizes, sizes)
def test_clamped_lies_in_the_picture_and_keeps_what_does(box: Box, width: int, height: int) -> None:
    clamped = box.clamped(width, height)
    inside = np.zeros((200, 200), bool)
    rows, columns = (slice(start + 50, end + 50) for start, end in _spans(box))
    inside[rows, columns] = True

    assert clamped.area == inside[50 : 50 + height, 50 : 50 + width].sum()
    assert clamped == clamped.clamped(width, height)


@given(boxes, boxes)
def test_iou_counts_pixels(one: Box, other: Box) -> None:
    marked = np.zeros((2, 200, 200), bool)
    for layer, box in zip(marked, (one, other), strict=True):
        rows, columns = (slice(start + 50, end + 50) for start, end in _spans(box))
        layer[rows, columns] = True

    assert one.iou(other) == pytest.approx(marked.all(axis=0).sum() / marked.any(axis=0).sum())
    assert one.iou(other) == other.iou(one)


def test_iou_of_empty_boxes_is_nothing() -> None:
    assert Box(3, 3, 3, 9).iou(Box(3, 3, 3, 9)) == 0


def test_shifted_moves_right_and_down() -> None:
    assert Box(1, 2, 3, 4).shifted(10, 20) == Box(11, 22, 13, 24)


def test_cut_is_a_view() -> None:
    pixels = np.zeros((10, 10, 3), np.uint8)

    Box(2, 3, 5, 8).cut(pixels)[:] = 9

    assert pixels.any(axis=2).sum() == 15


@pytest.mark.parametrize("box", [Box(-1, 0, 5, 5), Box(0, 0, 11, 5), Box(0, 0, 5, 11)])
def test_a_cut_that_leaves_the_picture_is_an_error(box: Box) -> None:
    with pytest.raises(ValueError, match="leaves the picture"):
        box.cut(np.zeros((10, 10), np.uint8))


def _spans(box: Box) -> tuple[tuple[int, int], tuple[int, int]]:
    return (box.top, box.bottom), (box.left, box.right)
