"""One small network, exported in every layout, that finds what is red."""

import io
import warnings

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from ml.detect.layouts import UnknownLayout, layout_of
from ml.detect.network import cells
from ml.detect.yolo import YoloDetector
from ml.errors import NotADetector
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box

SIDE = 64
RED = Box(40, 16, 48, 24)


class Finder(nn.Module):
    """Says of each cell how red it is, in one of the layouts; only cells of stride 8 are sure."""

    grid: Tensor

    def __init__(self, layout: str) -> None:
        super().__init__()
        self.layout = layout
        self.register_buffer("grid", cells(SIDE))

    def forward(self, pictures: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        if self.layout.startswith("yolox"):  # blue first, 0…255
            pictures = pictures.flip(1) / 255
        red = pictures[:, :1] - pictures[:, 1:2]
        score = torch.cat([functional.avg_pool2d(red, s).flatten(2) for s in (8, 16, 32)], 2)
        shape = (score.shape[0], -1, -1)
        middles, strides = self.grid[None, :2].expand(*shape), self.grid[None, 2:].expand(*shape)
        sizes = strides.expand(-1, 2, -1)
        both = score, score * 0
        if self.layout == "v8":
            return torch.cat([middles, sizes, *both], 1)
        if self.layout == "v4":
            corners = torch.cat([middles - sizes / 2, middles + sizes / 2], 1) / SIDE
            return corners.transpose(1, 2)[:, :, None], torch.cat(both, 1).transpose(1, 2)
        sure = torch.ones_like(score)
        if self.layout == "yolox undecoded":
            rows = torch.cat([sure[:, :1] * 0.5, sure * 0.5, sizes * 0, score, sure, sure * 0], 1)
            return rows.transpose(1, 2)
        rows = torch.cat([middles, sizes, score, sure, sure * 0], 1).transpose(1, 2)
        return rows.repeat(1, 3, 1) if self.layout == "v5" else rows


LAYOUTS = ("v8", "v5", "yolox", "yolox undecoded", "v4")


def exported(layout: str, *, batched: bool = True) -> bytes:
    file = io.BytesIO()
    names = ["boxes", "confs"] if layout == "v4" else ["output"]
    axes = {name: {0: "n"} for name in ("images", *names)} if batched else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Finder(layout).eval(),
            (torch.zeros(1, 3, SIDE, SIDE),),
            file,  # type: ignore[arg-type]
            dynamo=False,
            input_names=["images"],
            output_names=names,
            dynamic_axes=axes,
            opset_version=17,
        )
    return file.getvalue()


def red_square(box: Box = RED, scale: int = 1) -> Pixels:
    pixels = np.zeros((SIDE * scale, SIDE * scale, 3), np.uint8)
    pixels[box.top * scale : box.bottom * scale, box.left * scale : box.right * scale, 0] = 255
    return pixels


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_box(layout: str) -> None:
    detector = YoloDetector(exported(layout))
    (found, *_) = detector.detect(red_square(scale=3))
    assert found.box == Box(120, 48, 144, 72)
    assert found.confidence == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("batched", [True, False])
def test_many_photographs_give_what_each_gives_alone(layout: str, batched: bool) -> None:
    detector = YoloDetector(exported(layout, batched=batched))
    places = [Box(8 * i, 8 * (i % 3), 8 * i + 8, 8 * (i % 3) + 8) for i in range(8)]
    photographs = [red_square(place) for place in places] + [red_square(scale=2)] * 2
    found = detector.detect_many(photographs)
    assert [each[0].box for each in found[:8]] == places
    assert found == [detector.detect(photograph) for photograph in photographs]
    assert detector.detect_many([]) == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_only_classes_that_are_specimens_count(layout: str) -> None:
    assert YoloDetector(exported(layout), classes=(1,)).detect(red_square()) == []
    assert YoloDetector(exported(layout), classes=(0,)).detect(red_square())


def test_a_class_that_the_network_does_not_know_is_refused() -> None:
    with pytest.raises(NotADetector, match="knows 2 classes"):
        YoloDetector(exported("v8"), classes=(0, 7))


def test_heads_beside_the_boxes_are_left_alone() -> None:
    heads = [(1, 3, 8, 8, 85), (1, 3, 4, 4, 85), (1, 3, 2, 2, 85)]
    rows = np.full((1, 252, 85), 0.5, np.float32)
    read = layout_of([rows.shape, *heads], SIDE).rows([rows, *heads])  # type: ignore[list-item]
    assert read.shape == (1, 252, 84)
    assert read[0, 0, 4] == 0.25


@pytest.mark.parametrize(
    "shapes",
    [
        [(1, 300, 6)],
        [(1, 84, 5)],
        [(1, 3, 8, 8, 85)],
        [(1, 84, 1, 4), (1, 80, 2)],
        [(1, 84, 85), (1, 84, 85)],
        [],
    ],
    ids=str,
)
def test_other_outputs_are_refused(shapes: list[tuple[int, ...]]) -> None:
    with pytest.raises(UnknownLayout):
        layout_of(shapes, SIDE)
