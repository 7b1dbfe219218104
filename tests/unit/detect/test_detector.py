"""The second look at the halves of a photograph."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from ml.detect.detector import Detection, find_specimen
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box

PHOTOGRAPH = np.zeros((60, 101, 3), np.uint8)
SURE = Detection(Box(5, 6, 15, 16), 0.9)
UNSURE = Detection(Box(1, 2, 31, 42), 0.4)


@dataclass
class Scripted:
    """Finds, for a picture of a given width, what it was told."""

    by_width: dict[int, list[Detection]]
    name: str = "scripted"
    seen: list[int] = field(default_factory=list)

    def detect(self, pixels: Pixels) -> list[Detection]:
        self.seen.append(pixels.shape[1])
        return self.by_width.get(pixels.shape[1], [])


@pytest.mark.parametrize(
    ("found", "half_split", "expected"),
    [
        ({101: [SURE, UNSURE]}, True, SURE),
        ({}, True, None),
        ({50: [SURE]}, False, None),
        ({50: [SURE]}, True, SURE),
        ({51: [SURE]}, True, Detection(Box(55, 6, 65, 16), 0.9)),
        ({50: [SURE], 51: [UNSURE]}, True, SURE),
        ({50: [UNSURE], 51: [SURE]}, True, Detection(Box(55, 6, 65, 16), 0.9)),
    ],
)
def test_the_surest_comes_back_in_pixels_of_the_whole(
    found: dict[int, list[Detection]], half_split: bool, expected: Detection | None
) -> None:
    assert find_specimen(Scripted(found), PHOTOGRAPH, half_split=half_split) == expected


def test_the_halves_are_left_alone_when_the_whole_gave_something() -> None:
    detector = Scripted({101: [UNSURE], 50: [SURE]})
    assert find_specimen(detector, PHOTOGRAPH, half_split=True) == UNSURE
    assert detector.seen == [101]
