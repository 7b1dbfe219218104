"""Boxes that other programs found, by the name of the picture, and where they lie on it."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from app.errors import Refused
from app.services import table_columns
from ml.imaging.boxes import Box

SIDES = ("left", "right")
_HALF = re.compile(rf"(?P<stem>.+)_(?:{'|'.join(SIDES)})_side", re.ASCII)
SLACK = 0.02
"""Share of the picture by which a box may leave it; detectors do."""


@dataclass(frozen=True, slots=True)
class TableBox:
    """Left, top, right, bottom, as a table has them."""

    edges: tuple[float, float, float, float]
    relative: bool = False
    """0…1 of the picture, not pixels."""
    label: str = ""
    """Name or number of what is in the box; empty where a table knows one kind only."""
    half: str = ""
    """The picture was the `left` or the `right` half of the photograph."""

    def on(self, width: int, height: int) -> Box:
        """The box in pixels of the whole photograph.

        Raises:
            Refused: it lies elsewhere, so that the table must be about another picture.
        """
        middle = width // 2
        wide = {"": width, "left": middle, "right": width - middle}[self.half]
        across, down = (wide, height) if self.relative else (1, 1)
        left, top, right, bottom = self.edges
        edges = left * across, top * down, right * across, bottom * down
        outside = max(-edges[0], edges[2] - wide) > SLACK * wide + 1
        if outside or max(-edges[1], edges[3] - height) > SLACK * height + 1:
            raise Refused(
                "The box {box} leaves the picture of {width} × {height} pixels; the table is about "
                "pictures of another size.",
                box=", ".join(f"{edge:.0f}" for edge in edges),
                width=wide,
                height=height,
            )
        whole = Box(*map(math.floor, edges[:2]), *map(math.ceil, edges[2:])).clamped(wide, height)
        return whole.shifted(middle if self.half == "right" else 0, 0)


Found = dict[str, list[TableBox]]
"""Boxes by the stem of the picture; an empty list where somebody looked and found nothing."""


@dataclass
class BoxTable:
    """All boxes of some files, and what could not be read."""

    found: Found = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    class_names: list[str] = field(default_factory=list)
    """What the numbers of classes mean, where a file says it."""

    def add(self, name: str, boxes: Iterable[TableBox]) -> None:
        """Note what was found on a picture."""
        self.add_to(table_columns.stem_of(name), boxes)

    def add_to(self, stem: str, boxes: Iterable[TableBox]) -> None:
        known = self.found.setdefault(stem, [])
        known += [box for box in boxes if box not in known]

    def of_classes(self, wanted: Sequence[str]) -> "BoxTable":
        """The table with the boxes of some classes only; of all, where there is but one.

        Raises:
            Refused: there are several and nobody has said which are specimens, or one that is
                wanted is not there.
        """
        counts = Counter(self._called(box) for boxes in self.found.values() for box in boxes)
        told = ", ".join(f"{name or '–'} ({count})" for name, count in counts.most_common())
        if not wanted and len(counts) > 1:
            raise Refused("The boxes are of several classes: {classes}. Say which.", classes=told)
        unknown = [name for name in wanted if name not in counts]
        if unknown:
            raise Refused(
                "There is no class {name}; there are {classes}.", name=unknown[0], classes=told
            )
        kept = {
            stem: [
                replace(box, label="") for box in boxes if not wanted or self._called(box) in wanted
            ]
            for stem, boxes in self.found.items()
        }
        return BoxTable(kept, self.problems)

    def _called(self, box: TableBox) -> str:
        number = int(box.label) if box.label.isdecimal() else -1
        return self.class_names[number] if 0 <= number < len(self.class_names) else box.label

    def to_bytes(self) -> bytes:
        rows = {
            stem: [[*box.edges, box.relative] for box in boxes]
            for stem, boxes in self.found.items()
        }
        return json.dumps(rows).encode()


def from_bytes(data: bytes) -> Found:
    """What `to_bytes` wrote."""
    return {
        stem: [TableBox(tuple(row[:4]), row[4]) for row in rows]
        for stem, rows in json.loads(data).items()
    }


def half_names(stem: str) -> dict[str, str]:
    """Names of the two halves of a photograph, by side."""
    return {side: f"{stem}_{side}_side" for side in SIDES}


def whole_of(stem: str) -> str:
    """The photograph of which a picture with this name is a half; or itself."""
    half = _HALF.fullmatch(stem)
    return half["stem"] if half else stem


def about(found: Found, key: str) -> list[TableBox] | None:
    """What a table says of a photograph; None where it does not name it.

    Halves were looked at where nothing was found on the whole, so the whole comes first.
    """
    halves = {side: found[name] for side, name in half_names(key).items() if name in found}
    whole = found.get(key)
    if whole or not halves:
        return whole
    return [replace(box, half=side) for side, boxes in halves.items() for box in boxes]


def joined(boxes: Sequence[tuple[TableBox, Box]]) -> list[Box]:
    """Boxes as they lie on a photograph. What both halves show of one specimen is one box."""
    placed = [on_it for _, on_it in boxes]
    if {box.half for box, _ in boxes} == set(SIDES):
        first, *others = placed
        for other in others:
            first = first.hull(other)
        return [first]
    return placed


def photographs_in_parts(found: Found, size: int) -> Iterator[list[str]]:
    """Names that photographs may have, where halves count as their whole."""
    names = sorted({whole_of(stem) for stem in found})
    return (names[at : at + size] for at in range(0, len(names), size))
