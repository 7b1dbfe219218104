"""Files of boxes as other programs write them: the lab's CSV, YOLO's texts, COCO's JSON."""

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from app.decoding.pool import decoders
from app.errors import Refused
from app.services import names, table_columns
from app.services.archives import Archive, is_archive
from app.services.box_tables import SLACK, BoxTable, TableBox
from app.services.csv_tables import CsvTable, Row
from app.services.folders import Incoming

LARGEST = 200_000_000
"""Bytes of one table; what is larger is none."""
_BOXES = ("bboxes", "bbox", "boxes", "box", "方框", "框")
_EDGES = (
    ("left", "xmin", "x1"),
    ("top", "ymin", "y1"),
    ("right", "xmax", "x2"),
    ("bottom", "ymax", "y2"),
)
_NUMBER = re.compile(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?")
_NOTHING = {"", "nan", "none", "null", "n/a"}
_CLASSES = {"classes.txt", "labels.txt", "obj.names", "predefined_classes.txt"}
_BESIDE = {"data.yaml", "dataset.yaml", "train.txt", "val.txt", "test.txt", "readme.txt"}
"""Files that lie beside boxes and hold none."""

Read = Callable[[BoxTable, str, bytes], None]
"""Adds to a table what is in a file of this name."""


def read(files: Iterable[Incoming], classes: Sequence[str] = ()) -> BoxTable:
    """Read tables of any kind, also in archives; what cannot be read is named with its reason.

    Args:
        files: pictures among them are passed over.
        classes: names or numbers of those that are specimens; needed where there are several.

    Raises:
        Refused: no photograph is named at all, or classes do not fit.
    """
    table = BoxTable()
    for file in files:
        _read_one(table, file, _read_in_decoder)
    if not table.found:
        problems = " ".join(table.problems[:3])
        raise Refused("There are no boxes in it. {problems}", problems=problems)
    return table.of_classes(classes)


def _read_one(table: BoxTable, file: Incoming, read: Read) -> None:
    plain = names.file_name_of(file.name).lower()
    if plain in _BESIDE or PurePosixPath(plain).suffix in table_columns.PICTURES:
        return
    try:
        read(table, file.name, _all_of(file))
    except Refused as refused:
        table.problems.append(f"{file.name}: {refused}")


class InDecoder:
    """What a decoder does with one file."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.read = BoxTable()
        _read_here(self.read, name, file.read())
        self.about = None

    def table(self) -> NDArray[np.uint8]:
        rows = {
            stem: [[*box.edges, box.relative, box.label] for box in boxes]
            for stem, boxes in self.read.found.items()
        }
        told = {"found": rows, "problems": self.read.problems, "classes": self.read.class_names}
        return np.frombuffer(json.dumps(told).encode(), np.uint8)


def _read_in_decoder(table: BoxTable, name: str, data: bytes) -> None:
    with decoders.opened(InDecoder, data, name=name) as opened:
        told = json.loads(opened.array("table").tobytes())
    for stem, rows in told["found"].items():
        table.add_to(stem, [TableBox(tuple(row[:4]), row[4], row[5]) for row in rows])
    table.problems += told["problems"]
    table.class_names = told["classes"] or table.class_names


def _read_here(table: BoxTable, name: str, data: bytes) -> None:
    plain = names.file_name_of(name).lower()
    try:
        if plain in _CLASSES:
            lines = data.decode("utf-8-sig", "replace").splitlines()
            table.class_names = [line.strip() for line in lines if line.strip()]
        elif is_archive(BytesIO(data)):
            archive = Archive(BytesIO(data))
            for entry in archive.entries:
                _read_one(table, Incoming(entry.name, archive.chunks(entry)), _read_here)
        else:
            _KINDS.get(PurePosixPath(plain).suffix, _csv)(table, name, data)
    except Refused as refused:
        table.problems.append(f"{name}: {refused}")


def _all_of(file: Incoming) -> bytes:
    data = bytearray()
    for chunk in file.chunks:
        data += chunk
        if len(data) > LARGEST:
            raise Refused("It is too large for a table of boxes.")
    return bytes(data)


def _csv(table: BoxTable, name: str, data: bytes) -> None:
    rows = CsvTable(BytesIO(data), name)
    file = table_columns.headed(rows.header, table_columns.FILE)
    box = table_columns.headed(rows.header, _BOXES)
    edges = [table_columns.headed(rows.header, words) for words in _EDGES]
    columns = [box] if box is not None else edges
    if file is None or None in columns:
        raise Refused(
            "It has no columns of files and boxes: call them “file” and “bboxes”, or “left”, "
            "“top”, “right” and “bottom”."
        )
    for row in rows.rows(skip=1):
        try:
            table.add(_named(row.cell(file)), _in_cells(row, columns))
        except Refused as refused:
            table.problems.append(f"{name}, line {row.line}: {refused}")


def _named(cell: str) -> str:
    if not table_columns.stem_of(cell):
        raise Refused("It names no photograph.")
    return cell


def _in_cells(row: Row, columns: Sequence[int | None]) -> list[TableBox]:
    if row.problem:
        raise Refused(row.problem)
    cells = [row.cell(column).strip(" []()") for column in columns]
    if all(cell.lower() in _NOTHING for cell in cells):
        return []
    numbers = [float(number) for cell in cells for number in _NUMBER.findall(cell)]
    if len(numbers) % 4 or not numbers:
        shown = " ".join(cells)
        raise Refused("“{cell}” is no box: four numbers each are expected.", cell=shown[:100])
    return [_checked(numbers[at : at + 4]) for at in range(0, len(numbers), 4)]


def _yolo(table: BoxTable, name: str, data: bytes) -> None:
    lines = [line.split() for line in data.decode(errors="replace").splitlines() if line.strip()]
    try:
        table.add(_as_picture(name), [_of_yolo(line) for line in lines])
    except ValueError:
        raise Refused(
            "It is no YOLO text: each line has a class, then centre, width and height from 0 to 1."
        ) from None


def _of_yolo(words: Sequence[str]) -> TableBox:
    """Class, centre, width and height, perhaps a confidence; or class and a polygon."""
    label, numbers = str(int(words[0])), [float(word) for word in words[1:]]
    if len(numbers) in (4, 5):
        x, y, wide, high = numbers[:4]
        edges = [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2]
    elif len(numbers) >= 6 and len(numbers) % 2 == 0:
        across, down = numbers[::2], numbers[1::2]
        edges = [min(across), min(down), max(across), max(down)]
    else:
        raise ValueError(len(numbers))
    if max(edges) > 1 + SLACK:
        raise ValueError(max(edges))
    return _checked(edges, relative=True, label=label)


def _as_picture(name: str) -> str:
    """YOLO names a text like its picture; a dot in the stem is part of it."""
    return f"{PurePosixPath(name).stem}.jpg"


def _coco(table: BoxTable, name: str, data: bytes) -> None:
    try:
        content = json.loads(data)
        titles = {each["id"]: str(each["name"]) for each in content.get("categories", ())}
        boxes: dict[Any, list[Any]] = {}
        for each in content.get("annotations", ()):
            boxes.setdefault(each["image_id"], []).append(each)
        pictures = [
            (_named(str(each["file_name"])), each, boxes.get(each["id"], []))
            for each in content["images"]
        ]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Refused("It is no COCO file: images and annotations are expected.") from None
    for file, picture, found in pictures:
        for each in found or [None]:
            try:
                table.add(file, [_of_coco(each, picture, titles)] if each else [])
            except Refused as problem:
                table.problems.append(f"{name}, {file}: {problem}")


def _of_coco(each: dict[str, Any], picture: dict[str, Any], titles: dict[Any, str]) -> TableBox:
    try:
        left, top, wide, high = map(float, each["bbox"])
        width, height = (float(picture.get(side) or 0) for side in ("width", "height"))
    except (LookupError, TypeError, ValueError):
        raise Refused(
            "“{cell}” is no box: four numbers each are expected.", cell=str(each)[:100]
        ) from None
    category = each.get("category_id", "")
    label = titles.get(category, str(category))
    edges = [left, top, left + wide, top + high]
    if width <= 0 or height <= 0:
        return _checked(edges, label=label)
    shares = [edges[0] / width, edges[1] / height, edges[2] / width, edges[3] / height]
    return _checked(shares, relative=True, label=label)


def _checked(edges: Sequence[float], *, relative: bool = False, label: str = "") -> TableBox:
    left, top, right, bottom = edges
    if not (all(map(math.isfinite, edges)) and left < right and top < bottom):
        shown = ", ".join(f"{edge:g}" for edge in edges)
        raise Refused("{box} is no box: left, top, right, bottom are expected.", box=shown)
    return TableBox((left, top, right, bottom), relative, label)


_KINDS = {".txt": _yolo, ".json": _coco}
